import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { compress } from '../../../src/metrics/compress.ts'

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
