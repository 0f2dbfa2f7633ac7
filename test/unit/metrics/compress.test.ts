import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { compress, decompressed } from '../../../src/metrics/compress.ts'

/** More characters than are compressed at a time, however many bytes each of them has. */
const long = fc.constantFrom('a', 'ü', '名', '😀').map((character) => character.repeat(2_150_000))

it('loses nothing of any text, in whatever pieces it comes', async () => {
  const piece = fc.oneof(
    { weight: 8, arbitrary: fc.string({ unit: 'binary', maxLength: 50_000, size: 'max' }) },
    { weight: 1, arbitrary: long },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
      expect(gunzipSync(await compress(pieces, systemClock)).toString() === pieces.join('')).toBe(true)
    }),
    { numRuns: 20 },
  )
})

const mebibyte = 2 ** 20

/** Returns how much the memory of buffers has grown at most, as seen whenever `sample` was called. */
function bufferGrowth() {
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  const sample = () => (most = Math.max(most, process.memoryUsage().arrayBuffers - before))
  return { sample, mostBytes: () => most }
}

it('gives the text back, and leaves none of its buffers to the garbage collector', async () => {
  const text = Buffer.alloc(48 * mebibyte, 'spiffe_svids{state="valid"} 1\n')
  const compressed = gzipSync(text)
  const growth = bufferGrowth()
  let at = 0
  for await (const chunk of decompressed(compressed)) {
    expect(chunk.equals(text.subarray(at, at + chunk.length))).toBe(true)
    at += chunk.length
    growth.sample()
  }
  expect(at).toBe(text.length)
  expect(growth.mostBytes()).toBeLessThan(2 * mebibyte)
})

it('leaves nothing but the answers themselves to the garbage collector', async () => {
  const text = 'spiffe_svids{state="valid"} 1\n'.repeat(1_000)
  const growth = bufferGrowth()
  let answers = 0
  for (let scrape = 0; scrape < 20; scrape += 1) {
    answers += (await compress(Array<string>(100).fill(text), systemClock)).length
    growth.sample()
  }
  expect(growth.mostBytes()).toBeLessThan(answers + 4 * mebibyte)
})
