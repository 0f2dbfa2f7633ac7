import { lstat, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writeVolume } from '../../../src/world/volumes.ts'
import type { Workload } from '../../../src/world/workload.ts'
import { ManualClock } from '../../support/manualClock.ts'

const fixtures = new URL('../../fixtures/csi/', import.meta.url)
const stamp = /^\.\.\d{4}(_\d\d){5}\.\d+$/
const workload: Workload = {
  namespace: 'team-a',
  pod: 'api-fsgroup',
  podUid: '8b12dd94-2819-422c-ae2c-e4a9f272ea9c',
  node: { name: 'node-1', uid: '3ee692e1-09e7-4a30-a78a-b433a4c4e514' },
  serviceAccount: 'api',
  volume: 'spiffe',
  spiffeId: 'spiffe://example.org/ns/team-a/sa/api',
}

async function writtenVolume(...certificates: string[]) {
  const root = await mkdtemp(join(tmpdir(), 'volumes-test-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const clock = new ManualClock()
  for (const certificatePem of certificates) {
    await writeVolume(root, workload, { certificatePem, bundlePem: 'bundle' }, clock)
    await clock.advance(1000)
  }
  return join(root, 'pods', workload.podUid, 'volumes', 'kubernetes.io~csi', 'spiffe')
}

/** Returns each entry of a folder with its kind and target, as in `ls -l`, with time stamps replaced. */
async function listing(folder: string): Promise<string[]> {
  const entries = (await readdir(folder)).map(async (name) => {
    const link = (await lstat(join(folder, name))).isSymbolicLink() ? ` -> ${await readlink(join(folder, name))}` : ''
    return alike(name + link)
  })
  return (await Promise.all(entries)).sort()
}

/** Returns the same from a recorded listing, for the first folder whose header ends with this text. */
async function recordedListing(folder: RegExp): Promise<string[]> {
  const text = await readFile(new URL('mount-ls-laR.txt', fixtures), 'utf8')
  const section = text.split('\n\n').find((part) => folder.test(part)) ?? ''
  const names = section.split('\n').flatMap((line) => / \+0000 (.+)$/.exec(line)?.[1] ?? [])
  return names
    .filter((name) => name !== '.' && name !== '..')
    .map(alike)
    .sort()
}

function alike(text: string): string {
  return text
    .split(' ')
    .map((word) => (stamp.test(word) ? '..stamp' : word))
    .join(' ')
}

test('a volume has the files of a recorded one', async () => {
  const folder = await writtenVolume('certificate')
  const mount = join(folder, 'mount')
  const data = await readlink(join(mount, '..data'))

  expect(await listing(folder)).toEqual(await recordedListing(/kubernetes\.io~csi\/spiffe:/))
  expect(await listing(mount)).toEqual(await recordedListing(/spiffe\/mount:/))
  expect(await listing(join(mount, data))).toEqual(await recordedListing(/spiffe\/mount\/\.\.[0-9_.]+:/))
  expect((await lstat(join(mount, data, 'tls.crt'))).mode & 0o777).toBe(0o440)
})

test('vol_data.json is what the kubelet wrote for this pod', async () => {
  const folder = await writtenVolume('certificate')
  const recorded = await readFile(new URL('vol_data.json', fixtures), 'utf8')
  expect(await readFile(join(folder, 'vol_data.json'), 'utf8')).toBe(recorded)
})

test('a renewal swaps all files at once and leaves nothing of the old ones', async () => {
  const folder = await writtenVolume('old', 'new')
  expect(await readFile(join(folder, 'mount', 'tls.crt'), 'utf8')).toBe('new')
  expect(await readFile(join(folder, 'mount', 'ca.crt'), 'utf8')).toBe('bundle')
  expect((await readdir(join(folder, 'mount'))).filter((name) => stamp.test(name))).toHaveLength(1)
})

test('the private key is none', async () => {
  const folder = await writtenVolume('certificate')
  expect(await readFile(join(folder, 'mount', 'tls.key'), 'utf8')).toBe('not a key\n')
})
