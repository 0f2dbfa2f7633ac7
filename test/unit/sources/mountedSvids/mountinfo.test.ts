import { expect, test } from 'vitest'
import { parseMountinfo } from '../../../../src/sources/mountedSvids/mountinfo.ts'
import { fixtureText } from '../../../support/fixtures.ts'

test('the mounts of a node as recorded', () => {
  const mounts = parseMountinfo(fixtureText('csi/mountinfo-host.txt'))
  const mount = '/var/lib/kubelet/pods/5509728e-ac8d-4ad5-864f-80284a9ee4bb/volumes/kubernetes.io~csi/spiffe/mount'
  expect(mounts.get(mount)).toBe('174 0:106 /csi-7374c004a8511b2c615efb3b1d9bbe929aa4c9fd66bde503972b366189f34523/data')
})

test.each([
  [
    'spaces and backslashes are octal',
    '1 2 0:3 /a\\040b /mnt/c\\040d\\134e rw - tmpfs tmpfs rw',
    '/mnt/c d\\e',
    '1 0:3 /a\\040b',
  ],
  ['one mount on another is both', '1 2 0:3 / /mnt rw\n9 1 0:4 / /mnt rw\n', '/mnt', '1 0:3 /, 9 0:4 /'],
])('%s', (_what, text, point, mount) => {
  expect(parseMountinfo(text).get(point)).toBe(mount)
})

test('lines that are none are skipped', () => {
  expect([...parseMountinfo('\nnonsense\n1 2 3\n')]).toEqual([])
})
