import { execFileSync } from 'node:child_process'
import { chmod, link, mkdir, open, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { getuid } from 'node:process'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { VolumePaths } from '../../../../src/sources/mountedSvids/layout.ts'
import { endMs, MountedSvidsWorld, podUid } from '../../../support/mountedSvidsWorld.ts'

vi.mock('node:fs/promises', { spy: true })

let world: MountedSvidsWorld
beforeEach(async () => {
  vi.mocked(open).mockClear()
  world = await MountedSvidsWorld.create()
})
afterEach(() => world.close())

/** The names of all files that were opened. */
const opened = () => new Set(vi.mocked(open).mock.calls.map(([path]) => basename(String(path))))

/** How many files with this path were opened. */
const timesOpened = (path: string) => vi.mocked(open).mock.calls.filter(([one]) => String(one) === path).length

interface BadVolume {
  readonly name: string
  readonly problem: string
  /** Turns a good volume into a bad one. */
  readonly spoil: (mount: string, certificate: string) => Promise<unknown>
  readonly skip?: boolean
}

const badVolumes: BadVolume[] = [
  { name: 'no certificate', problem: 'missing', spoil: (_mount, file) => rm(file) },
  { name: 'an empty file', problem: 'empty', spoil: (_mount, file) => writeFile(file, '') },
  {
    name: 'a half-written file',
    problem: 'malformed_pem',
    spoil: (_mount, file) => writeFile(file, '-----BEGIN CERTIFICATE-----\nMIIB'),
  },
  { name: 'a huge file', problem: 'too_large', spoil: (_mount, file) => writeFile(file, '\n'.repeat(262_145)) },
  { name: 'a folder', problem: 'not_a_file', spoil: (_mount, file) => rm(file).then(() => mkdir(file)) },
  {
    name: 'a pipe',
    problem: 'not_a_file',
    spoil: (_mount, file) => rm(file).then(() => execFileSync('mkfifo', [file])),
  },
  {
    name: 'a loop of symlinks',
    problem: 'unreadable',
    spoil: (_mount, file) => rm(file).then(() => symlink('tls.crt', file)),
  },
  {
    name: 'a file without read permission',
    problem: 'unreadable',
    spoil: (_mount, file) => chmod(file, 0),
    skip: getuid?.() === 0,
  },
  {
    name: 'a symlink out of the volume',
    problem: 'outside_volume',
    spoil: async (mount, file) => {
      await rename(file, join(mount, '..', 'tls.crt'))
      await symlink(join(mount, '..', 'tls.crt'), file)
    },
  },
  {
    name: 'a folder that leads out of the volume',
    problem: 'outside_volume',
    spoil: async (mount) => {
      await rename(join(mount, '..data'), join(mount, '..', 'data'))
      await mkdir(join(mount, '..', 'elsewhere'))
      await writeFile(join(mount, '..', 'elsewhere', 'tls.crt'), '')
      await symlink('../elsewhere', join(mount, '..data'))
    },
  },
  {
    name: 'a symlink to the private key',
    problem: 'outside_volume',
    spoil: (_mount, file) => rm(file).then(() => symlink('tls.key', file)),
  },
  {
    name: 'a hard link to the private key',
    problem: 'outside_volume',
    spoil: (_mount, file) => rm(file).then(() => link(join(file, '..', 'tls.key'), file)),
  },
  {
    name: 'a hard link to a file outside of it',
    problem: 'outside_volume',
    spoil: async (mount, file) => {
      await writeFile(join(mount, '..', 'token'), 'a token')
      await rm(file)
      await link(join(mount, '..', 'token'), file)
    },
  },
]

describe('a volume with', () => {
  for (const { name, problem, spoil, skip } of badVolumes) {
    test.skipIf(skip)(`${name}: ${problem}, refused once when it stays so, good when it is good again`, async () => {
      const paths = await world.mountedVolume()
      await spoil(paths.mount, join(paths.mount, '..data', 'tls.crt'))
      const source = await world.start()
      expect(source.last('mounted')).toMatchObject({ mounted: { podUid, volume: 'spiffe', reading: { problem } } })

      await source.seconds(8)
      expect(source.all('rejected')).toEqual([])
      await source.seconds(20)
      expect(source.all('rejected')).toMatchObject([{ reason: problem, where: join(paths.mount, 'tls.crt') }])

      await rm(join(paths.mount, '..data'), { force: true })
      await world.kubelet.write(paths, await world.files(90))
      await source.withinASecond(() => {
        expect(source.last('mounted')).toMatchObject({ mounted: { reading: { svid: { notAfterMs: endMs(90) } } } })
      })
      expect(source.all('mounted')).toHaveLength(2)
      expect(opened()).not.toContain('tls.key')
    })
  }

  test.each([
    ['a few seconds', 3, 1, []],
    ['long', 20, 30, [expect.objectContaining({ reason: 'malformed_pem' })]],
  ])(
    'a file that is half-written for %s is read again until it is whole',
    async (_what, forSeconds, within, rejected) => {
      const paths = await world.mountedVolume()
      const file = join(paths.mount, '..data', 'tls.crt')
      const whole = (await world.files(90))['tls.crt']
      await writeFile(file, whole.slice(0, 100))
      const source = await world.start()
      await source.seconds(forSeconds)
      await writeFile(file, whole)
      await source.seconds(within)
      expect(source.last('mounted')).toMatchObject({ mounted: { reading: { svid: { notAfterMs: endMs(90) } } } })
      expect(source.all('rejected')).toEqual(rejected)
    },
  )
})

test('a hard link to the private key is not even opened when it takes the place of a good file', async () => {
  const paths = await world.mountedVolume()
  const source = await world.start()
  const folder = join(paths.mount, '..next')
  await mkdir(folder)
  await writeFile(join(folder, 'tls.key'), 'not a key')
  await link(join(folder, 'tls.key'), join(folder, 'tls.crt'))
  await symlink('..next', join(paths.mount, '..data_tmp'))
  await rename(join(paths.mount, '..data_tmp'), join(paths.mount, '..data'))
  await source.withinASecond(() =>
    expect(source.last('mounted')).toMatchObject({ mounted: { reading: { problem: 'outside_volume' } } }),
  )
  expect(timesOpened(join(folder, 'tls.crt'))).toBe(0)
})

describe('a vol_data.json that is', () => {
  const elsewhere = () => join(world.kubelet.root, 'pods.json')

  test.each<[string, (paths: VolumePaths) => unknown]>([
    ['a symlink out of the volume', ({ volumeData }) => symlink(elsewhere(), volumeData)],
    ['a hard link', ({ volumeData }) => link(elsewhere(), volumeData)],
    ['a pipe', ({ volumeData }) => execFileSync('mkfifo', [volumeData])],
    ['a folder', ({ volumeData }) => mkdir(volumeData)],
    ['huge', ({ volumeData }) => writeFile(volumeData, `${' '.repeat(65_536)}{}`)],
    [
      'reached through a symlink in the place of the volume',
      async ({ folder }) => {
        await rename(folder, join(world.kubelet.root, 'moved'))
        await writeFile(join(world.kubelet.root, 'moved', 'vol_data.json'), await readFile(elsewhere()))
        await symlink(join(world.kubelet.root, 'moved'), folder)
      },
    ],
  ])('%s is refused once and not opened, and its volume is not watched', async (_what, spoil) => {
    const paths = await world.mountedVolume()
    await rename(paths.volumeData, elsewhere())
    await spoil(paths)
    const source = await world.start()
    await source.seconds(5)
    expect(source.all('rejected')).toMatchObject([{ reason: 'malformed_volume_data', where: paths.volumeData }])
    expect(source.all('mounted')).toEqual([])
    expect(vi.mocked(open)).toHaveBeenCalledTimes(0)
  })
})

test('of a volume nothing is opened but its certificate and its bundle, and these only when they change', async () => {
  const paths = await world.mountedVolume()
  const source = await world.start()
  expect(opened()).toEqual(new Set(['vol_data.json', 'tls.crt', 'ca.crt']))
  vi.mocked(open).mockClear()
  await source.seconds(25)
  expect(opened()).toEqual(new Set())
  await world.kubelet.write(paths, await world.files(90))
  vi.mocked(open).mockClear()
  await source.withinASecond(() => expect(source.all('mounted')).toHaveLength(2))
  expect(opened()).toEqual(new Set(['tls.crt', 'ca.crt']))
})
