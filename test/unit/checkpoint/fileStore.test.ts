import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FileStore } from '../../../src/checkpoint/fileStore.ts'
import { FileCalls } from '../../../src/files/fileCalls.ts'
import { eventually } from '../../support/eventually.ts'
import { canMountFuse, FuseMount } from '../../support/fuse/fuseMount.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { realFiles } from '../../support/realFiles.ts'

const signal = new AbortController().signal
let folder: string
let file: string
let store: FileStore

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'svidwatch-state-'))
  file = join(folder, 'state.json')
  store = new FileStore(file, realFiles)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const content = async (): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'))
const load = (part: Parameters<FileStore['load']>[0] = 'memory.json') => store.load(part, signal)
const save = (text: string, part: Parameters<FileStore['load']>[0] = 'memory.json') =>
  store.save(part, () => text, signal)

describe('a state file', () => {
  it('is empty where there is none', async () => {
    expect(await load()).toEqual({ text: undefined })
  })

  it('gives the next process what was saved, for its owner only, and leaves nothing else in the folder', async () => {
    await save('text')
    expect(await new FileStore(file, realFiles).load('memory.json', signal)).toEqual({ text: 'text' })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['state.json'])
  })

  it('keeps each part, also those of a newer svidwatch, and those that are saved at the same time', async () => {
    await writeFile(file, '{"newer.json":"x"}')
    await Promise.all([save('a', 'checkpoint.json'), save('b', 'memory.json'), save('c', 'checkpoint.json')])
    expect(await content()).toEqual({
      version: '1',
      'newer.json': 'x',
      'checkpoint.json': 'c',
      'memory.json': 'b',
    })
  })

  it('of a newer svidwatch is neither read nor written, and stays where it is', async () => {
    const newer = '{"version":"2","memory.json":"x"}'
    await writeFile(file, newer)
    const error = { code: 'newer_state', message: expect.stringContaining('run the newer one') as string }
    await expect(load()).rejects.toMatchObject(error)
    await expect(save('text')).rejects.toMatchObject(error)
    expect([await readFile(file, 'utf8'), readdirSync(folder)]).toEqual([newer, ['state.json']])
  })

  it('from before states had versions is read, and has one once it is written', async () => {
    await writeFile(file, '{"memory.json":"x"}')
    expect(await load()).toEqual({ text: 'x' })
    await save('y')
    expect(await content()).toEqual({ version: '1', 'memory.json': 'y' })
  })

  it('stays as it is where what is stored is to stay', async () => {
    await save('before')
    expect(await store.save('memory.json', (text) => (text === 'before' ? undefined : 'after'), signal)).toBe('behind')
    expect(await load()).toEqual({ text: 'before' })
  })

  it('is not touched by what an aborted process has left, wherever it leads', async () => {
    const elsewhere = join(folder, 'elsewhere')
    await writeFile(elsewhere, 'precious')
    await symlink(elsewhere, `${file}.tmp`)
    await save('text')
    expect([await readFile(elsewhere, 'utf8'), await load()]).toEqual(['precious', { text: 'text' }])
  })
})

describe('a state file that is broken', () => {
  it.each([
    ['no JSON', 'nonsense', 'it is not a JSON object of texts'],
    ['a list', '[]', 'it is not a JSON object of texts'],
    ['an object of other things', '{"memory.json":{}}', 'it is not a JSON object of texts'],
    ['endless', ' '.repeat(4 * 1024 * 1024 + 1), 'it is larger than 4194304 bytes'],
  ])('because it is %s is kept aside, and all begins anew', async (_, text, problem) => {
    await writeFile(file, text)
    expect(await load()).toEqual({ problem: `${problem}; it is kept as ${file}.corrupt` })
    expect(await load()).toEqual({ text: undefined })
    await save('text')
    expect([await load(), await readFile(`${file}.corrupt`, 'utf8')]).toEqual([{ text: 'text' }, text])
  })

  it('is told once where both parts are asked for at the same time', async () => {
    await writeFile(file, 'nonsense')
    const loaded = await Promise.all([load('checkpoint.json'), load('memory.json')])
    expect(loaded).toEqual([{ problem: expect.any(String) as string }, { text: undefined }])
  })

  it('while svidwatch runs is told once and kept aside as well', async () => {
    await writeFile(file, 'nonsense')
    const message = `it is not a JSON object of texts; it is kept as ${file}.corrupt`
    await expect(save('text')).rejects.toMatchObject({ code: 'unreadable', message })
    expect(await save('text')).toBe('saved')
    expect([await load(), await readFile(`${file}.corrupt`, 'utf8')]).toEqual([{ text: 'text' }, 'nonsense'])
  })
})

describe('a state file that cannot be had', () => {
  it.each(['nowhere/state.json', 'file/state.json'])(
    'because there is no such folder (%s) says what to do',
    async (path) => {
      await writeFile(join(folder, 'file'), '')
      store = new FileStore(join(folder, path), realFiles)
      await expect(save('text')).rejects.toMatchObject({
        code: 'not_found',
        message: expect.stringMatching(
          /its folder does not exist: create it, or set another checkpoint\.file$/,
        ) as string,
      })
    },
  )

  it.each([
    ['folder', () => mkdir(file)],
    ['pipe', () => execFileSync('mkfifo', [file])],
  ])('because it is a %s says what to do', async (_, make) => {
    await make()
    const error = { code: 'unreadable', message: 'it is not a regular file: set another checkpoint.file' }
    await expect(load()).rejects.toMatchObject(error)
    await expect(save('text')).rejects.toMatchObject(error)
  })

  it.skipIf(process.getuid?.() === 0)('because its folder is not writable says what to do', async () => {
    await chmod(folder, 0o500)
    await expect(save('text')).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('must be writable for the user that svidwatch runs as') as string,
    })
  })

  it('costs the saves that come after it nothing', async () => {
    await mkdir(file)
    await expect(save('text')).rejects.toThrow()
    await rm(file, { recursive: true })
    expect(await save('text')).toBe('saved')
  })

  it('is not asked once the process stops', async () => {
    await expect(store.load('memory.json', AbortSignal.abort())).rejects.toThrow()
    await expect(store.save('memory.json', () => 'text', AbortSignal.abort())).rejects.toThrow()
    expect(readdirSync(folder)).toEqual([])
  })
})

describe.skipIf(!canMountFuse)('a state file whose file system does not answer (needs root and /dev/fuse)', () => {
  it('is a timeout after 10 s, is asked no second time meanwhile, and is read when it answers', async () => {
    const behind = await mkdtemp(join(tmpdir(), 'svidwatch-behind-'))
    await writeFile(join(behind, 'state.json'), '{"memory.json":"text"}')
    const fuse = FuseMount.create(folder, behind)
    try {
      const clock = new ManualClock()
      const files = new FileCalls(clock)
      store = new FileStore(file, files)
      fuse.stop()
      const loaded = load().catch((error: unknown) => error)
      let changes = 0
      const saved = store.save('memory.json', () => `${(changes += 1)}`, signal).catch((error: unknown) => error)
      await eventually(() => expect(files.isBusy(file)).toBe(true))
      await clock.advance(10_000)
      const timeout = { code: 'timeout', message: 'its file system has not answered within 10 s' }
      expect([await loaded, await saved]).toMatchObject([timeout, timeout])

      fuse.resume()
      await eventually(() => expect(files.isBusy(file)).toBe(false))
      expect(await load()).toEqual({ text: 'text' })
      expect(changes).toBe(0)
    } finally {
      await fuse.close()
      await rm(behind, { recursive: true })
    }
  })
})
