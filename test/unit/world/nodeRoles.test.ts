import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { endpointSlice, writeFindingsKeys } from '../../../src/world/nodeRoles.ts'

test('the signing key is for its owner only, and node roles are given the public half', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'findings-keys-test-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const { signingKey, publicKeys } = await writeFindingsKeys(folder)
  expect((await stat(signingKey)).mode & 0o777).toBe(0o600)
  expect(await readFile(publicKeys, 'utf8')).toMatch(/^-----BEGIN PUBLIC KEY-----\n[^-]+-----END PUBLIC KEY-----\n$/)
})

test.each([
  ['http://127.0.0.1:9797', 'IPv4', '127.0.0.1'],
  ['http://[fd00::7]:9797', 'IPv6', 'fd00::7'],
])('an endpoint at %s is in a slice of its family', (url, addressType, address) => {
  expect(endpointSlice('node-1', url)).toMatchObject({
    addressType,
    endpoints: [{ addresses: [address], nodeName: 'node-1' }],
    ports: [{ port: 9797 }],
  })
})
