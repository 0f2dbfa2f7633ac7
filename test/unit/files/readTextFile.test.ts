import { mkdtemp, rm, writeFile } from 'node:fs/promises'
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

  test.skipIf(platform !== 'linux')('that is larger than the system says is too large all the same', async () => {
    // Files in /proc have no size before they are read.
    expect(await readTextFile('/proc/self/maps', { maxBytes: 1_000 })).toMatchObject({ problem: 'too_large' })
    expect(await readTextFile('/proc/self/maps', { maxBytes: 100_000_000 })).toMatchObject({
      text: expect.stringMatching(/\n$/) as string,
    })
  })
})
