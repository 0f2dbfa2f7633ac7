import { link, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { platform } from 'node:process'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readTextFile } from '../../../src/files/readTextFile.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'svidwatch-read-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** A text of so many bytes, no two parts of which are alike. */
const textOf = (bytes: number) =>
  Array.from({ length: bytes }, (_, index) => `${index},`)
    .join('')
    .slice(0, bytes)

describe('a text file', () => {
  test.each([1, 8_191, 8_192, 8_193, 20_000, 65_535, 65_536])('of %i bytes is read whole', async (bytes) => {
    const path = join(folder, 'tls.crt')
    await writeFile(path, textOf(bytes))
    expect(await readTextFile(path, { maxBytes: 65_536 })).toEqual({ text: textOf(bytes) })
  })

  test('of one byte more than the bound is too large', async () => {
    const path = join(folder, 'tls.crt')
    await writeFile(path, textOf(65_537))
    expect(await readTextFile(path, { maxBytes: 65_536 })).toMatchObject({ problem: 'too_large' })
  })

  test.each(['tls.key', 'svid_key.pem', 'public-key.pem'])(
    'named %s is opened only where a key is asked for',
    async (name) => {
      const path = join(folder, name)
      await writeFile(path, 'a key')
      const detail = `it leads to ${name}, which is the name of a private key`
      expect(await readTextFile(path, { maxBytes: 100 })).toEqual({ problem: 'unreadable', detail })
      expect(await readTextFile(path, { maxBytes: 100, mayBeKey: true })).toEqual({ text: 'a key' })
    },
  )

  test.each(['tls.key', 'svid_key.pem', 'other-key.pem'])(
    'that is a hard link to %s beside it is not opened, unless a key is asked for',
    async (name) => {
      const path = join(folder, 'tls.crt')
      await writeFile(join(folder, name), 'a key')
      await link(join(folder, name), path)
      const detail = `it is the same file as ${name}, which is the name of a private key`
      expect(await readTextFile(path, { maxBytes: 100 })).toEqual({ problem: 'unreadable', detail })
      expect(await readTextFile(path, { maxBytes: 100, mayBeKey: true })).toEqual({ text: 'a key' })
    },
  )

  test('that is a symlink to a hard link to a key in another folder is not opened', async () => {
    await mkdir(join(folder, 'keys'))
    await writeFile(join(folder, 'keys', 'tls.key'), 'a key')
    await link(join(folder, 'keys', 'tls.key'), join(folder, 'keys', 'tls.pem'))
    await symlink('keys/tls.pem', join(folder, 'tls.crt'))
    expect(await readTextFile(join(folder, 'tls.crt'), { maxBytes: 100 })).toMatchObject({ problem: 'unreadable' })
  })

  test('may have other names, but not in a volume, where no writer gives it any', async () => {
    const path = join(folder, 'tls.crt')
    await writeFile(path, 'a certificate')
    await writeFile(join(folder, 'tls.key'), 'a key')
    await link(path, join(folder, 'backup.crt'))
    expect(await readTextFile(path, { maxBytes: 100 })).toEqual({ text: 'a certificate' })
    const within = await realpath(folder)
    expect(await readTextFile(path, { maxBytes: 100, within })).toEqual({
      problem: 'outside_volume',
      detail: 'it is a hard link, and the same file has another name',
    })
  })

  test('with other names is not opened in a folder with too many files to look for keys', async () => {
    const path = join(folder, 'tls.crt')
    await writeFile(path, 'a certificate')
    await link(path, join(folder, 'backup.crt'))
    for (let count = 0; count < 1_000; count += 1) await writeFile(join(folder, String(count)), '')
    expect(await readTextFile(path, { maxBytes: 100 })).toEqual({
      problem: 'unreadable',
      detail:
        'it has several names, and its folder too many files to tell whether one of them is that of a private key',
    })
  })

  test.skipIf(platform !== 'linux')('that is larger than the system says is too large all the same', async () => {
    // Files in /proc have no size before they are read.
    expect(await readTextFile('/proc/self/maps', { maxBytes: 1_000 })).toMatchObject({ problem: 'too_large' })
    expect(await readTextFile('/proc/self/maps', { maxBytes: 100_000_000 })).toMatchObject({
      text: expect.stringMatching(/\n$/) as string,
    })
  })
})
