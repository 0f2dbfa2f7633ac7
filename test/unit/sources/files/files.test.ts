import { execFileSync } from 'node:child_process'
import { mkdtemp, open, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createFiles } from '../../../../src/sources/files/files.ts'
import { StartedSource } from '../../../support/startedSource.ts'
import { createTestCa, leafUsage, type TestCa } from '../../../support/testCa.ts'

vi.mock('node:fs/promises', { spy: true })

const web = 'spiffe://example.org/web'
const endMs = (minute: number) => Date.UTC(2026, 0, 1, 0, minute)
const ending = (minute: number) => ({ file: { path, reading: { svid: { spiffeId: web, notAfterMs: endMs(minute) } } } })

let ca: TestCa
let folder: string
let path: string
let source: StartedSource | undefined
beforeEach(async () => {
  ca = await createTestCa()
  folder = await mkdtemp(join(tmpdir(), 'svidwatch-files-'))
  path = join(folder, 'svid.pem')
})
afterEach(async () => {
  await source?.close()
  source = undefined
  await rm(folder, { recursive: true })
})

async function pem(endMinute: number): Promise<string> {
  const { certificatePem } = await ca.issue({
    uris: [web],
    notBefore: new Date(endMs(0)),
    notAfter: new Date(endMs(endMinute)),
    usage: leafUsage,
  })
  return certificatePem + ca.certificatePem
}

async function start(...paths: string[]): Promise<StartedSource> {
  source = new StartedSource((clock, files) =>
    createFiles({ clock, files, configured: paths.map((certificate) => ({ certificate })) }),
  )
  await source.seconds(0)
  return source
}

test('a file is reported under its configured path, once while it does not change', async () => {
  await writeFile(path, await pem(60))
  const running = await start(path)
  await running.seconds(20)
  const contacts = Array<unknown>(21).fill({ kind: 'contact', source: 'files' })
  expect(running.observations).toMatchObject([{ kind: 'file', ...ending(60) }, ...contacts])
})

test('a file as long as a chain of three certificates of SLH-DSA is read', async () => {
  await writeFile(path, `${'#'.repeat(205_000)}\n${await pem(60)}`)
  const running = await start(path)
  expect(running.last('file')).toMatchObject(ending(60))
})

test('a file is reported with the time at which it was written, again when that changes', async () => {
  await writeFile(path, await pem(60))
  for (const minute of [1, 2]) {
    await utimes(path, new Date(0), new Date(endMs(minute)))
    const running = source ?? (await start(path))
    await running.seconds(1)
    expect(running.last('file')).toMatchObject({ file: { path, writtenMs: endMs(minute) } })
  }
})

test('a file that was written at no sensible time tells none', async () => {
  await writeFile(path, await pem(60))
  await utimes(path, new Date(0), new Date(0))
  const running = await start(path)
  expect(running.last('file')).toMatchObject(ending(60))
  expect(running.last('file')?.file).not.toHaveProperty('writtenMs')
})

test('a file written in place is reported within a second', async () => {
  await writeFile(path, await pem(60))
  const running = await start(path)
  await writeFile(path, await pem(90))
  await running.withinASecond(() => expect(running.last('file')).toMatchObject(ending(90)))
})

test('a file replaced by a rename is reported within a second, each time', async () => {
  await writeFile(path, await pem(60))
  const running = await start(path)
  for (const endMinute of [90, 120]) {
    await writeFile(`${path}.tmp`, await pem(endMinute))
    await rename(`${path}.tmp`, path)
    await running.withinASecond(() => expect(running.last('file')).toMatchObject(ending(endMinute)))
  }
})

test('a file behind a symlink may lie anywhere, and its change is seen at the next look', async () => {
  const target = await mkdtemp(join(tmpdir(), 'svidwatch-files-'))
  try {
    await writeFile(join(target, 'other-name.pem'), await pem(60))
    await symlink(join(target, 'other-name.pem'), path)
    const running = await start(path)
    expect(running.last('file')).toMatchObject(ending(60))
    await writeFile(join(target, 'other-name.pem'), await pem(90))
    await running.seconds(1)
    expect(running.last('file')).toMatchObject(ending(90))
  } finally {
    await rm(target, { recursive: true })
  }
})

test('a file that is not there is a problem, refused once, and read when it comes', async () => {
  const running = await start(path)
  await running.seconds(20)
  expect(running.all('file')).toMatchObject([{ file: { path, reading: { problem: 'missing' } } }])
  expect(running.all('rejected')).toMatchObject([{ source: 'files', reason: 'missing', where: path }])
  await writeFile(path, await pem(60))
  await running.seconds(1)
  expect(running.last('file')).toMatchObject(ending(60))
})

test.each([
  {
    what: 'a pipe',
    spoil: () => execFileSync('mkfifo', [path]),
    problem: 'not_a_file',
    says: 'it is not a regular file',
  },
  {
    what: 'a symlink to a device',
    spoil: () => symlink('/dev/zero', path),
    problem: 'not_a_file',
    says: 'it is not a regular file',
  },
  {
    what: 'a symlink to a private key',
    spoil: async () => {
      await writeFile(join(folder, 'svid_key.pem'), 'not a key')
      await symlink('svid_key.pem', path)
    },
    problem: 'unreadable',
    says: 'it leads to svid_key.pem, which is the name of a private key',
  },
])('$what is refused without being opened', async ({ spoil, problem, says }) => {
  await spoil()
  vi.mocked(open).mockClear()
  const running = await start(path)
  await running.seconds(20)
  expect(running.all('rejected')).toMatchObject([{ reason: problem, where: path, detail: says }])
  expect(vi.mocked(open)).not.toHaveBeenCalled()
})

test('what is wrong with a file is said without its path, which stands beside it', async () => {
  const paths = ['empty', 'large', 'missing', 'loop'].map((name) => join(folder, name))
  await writeFile(join(folder, 'empty'), '')
  await writeFile(join(folder, 'large'), '\n'.repeat(262_145))
  await symlink('loop', join(folder, 'loop'))
  const running = await start(...paths)
  await running.seconds(20)
  expect(new Map(running.all('rejected').map(({ where, detail }) => [where, detail]))).toEqual(
    new Map([
      [join(folder, 'empty'), 'it is empty'],
      [join(folder, 'large'), 'it is larger than 262144 bytes'],
      [join(folder, 'missing'), 'it does not exist'],
      [join(folder, 'loop'), 'ELOOP: too many symbolic links encountered'],
    ]),
  )
})

test('one bad file takes nothing from the others', async () => {
  const bad = join(folder, 'bad.pem')
  await writeFile(bad, 'nonsense')
  await writeFile(path, await pem(60))
  const running = await start(bad, path)
  expect(running.all('file')).toHaveLength(2)
  expect(running.all('file')).toContainEqual(
    expect.objectContaining({
      file: { path: bad, reading: expect.objectContaining({ problem: 'malformed_pem' }) as object },
    }),
  )
  expect(running.all('file')).toContainEqual(
    expect.objectContaining({ file: expect.objectContaining({ path }) as object }),
  )
})

test('a configured bundle that is none, or not there, is refused once and reported, and costs the certificate nothing', async () => {
  const bundle = join(folder, 'bundle.pem')
  await writeFile(path, await pem(60))
  source = new StartedSource((clock, files) =>
    createFiles({ clock, files, configured: [{ certificate: path, bundle }] }),
  )
  await source.seconds(20)
  await writeFile(bundle, 'nonsense')
  await source.seconds(20)
  await writeFile(bundle, ca.certificatePem)
  await source.seconds(20)
  expect(source.all('rejected')).toMatchObject([
    { reason: 'missing', where: bundle },
    { reason: 'malformed_pem', where: bundle },
  ])
  const bundles = [{ problem: 'missing' }, { problem: 'malformed_pem' }, { newestNotAfterMs: Date.UTC(2035) }]
  const expected = bundles.map((one) => ({ file: { ...ending(60).file, bundle: one } }))
  expect(source.all('file')).toMatchObject(expected)
  expect(source.all('file').map(({ file }) => 'verdict' in file)).toEqual([false, false, true])
})

test('what a peer makes of a certificate is reported, again when only its bundle changes', async () => {
  const bundle = join(folder, 'bundle.pem')
  await writeFile(path, await pem(60))
  await writeFile(bundle, ca.certificatePem)
  source = new StartedSource((clock, files) =>
    createFiles({ clock, files, configured: [{ certificate: path, bundle }] }),
  )
  await source.seconds(0)
  const period = { notBeforeMs: Date.UTC(2025), notAfterMs: Date.UTC(2035) }
  expect(source.last('file')).toMatchObject({ file: { verdict: { period } } })

  await writeFile(bundle, (await createTestCa()).certificatePem)
  const running = source
  await running.withinASecond(() => {
    expect(running.last('file')).toMatchObject({ file: { verdict: { refusal: 'unknown_authority' } } })
  })
})
