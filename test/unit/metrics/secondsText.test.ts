import fc from 'fast-check'
import { expect, it } from 'vitest'
import { secondsText } from '../../../src/metrics/secondsText.ts'

const anyMs = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer(),
  fc.integer({ min: -2000, max: 2000 }),
  fc.double(),
  fc.constantFrom(0, -0, 1e15, -1e15, 1e15 - 1, 1 - 1e15, Number.NaN, Infinity, -Infinity),
)

it('writes milliseconds in seconds as JavaScript would write the quotient', () => {
  fc.assert(
    fc.property(anyMs, (ms) => {
      expect(secondsText(ms)).toBe(String(ms / 1000))
    }),
    { numRuns: 5000 },
  )
})
