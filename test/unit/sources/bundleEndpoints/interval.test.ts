import { expect, test } from 'vitest'
import { intervalMs } from '../../../../src/sources/bundleEndpoints/interval.ts'

test.each([
  ['what the bundle hints', 30_000, 30_000],
  ['5 min where it does not say', undefined, 300_000],
  ['10 s at least', 0, 10_000],
  ['1 h at most', 28 * 24 * 3_600_000, 3_600_000],
  ['1 h at most, whatever is said', Number(2n ** 64n) * 1000, 3_600_000],
])('the interval is %s, or up to a tenth less', (_, hintMs, longestMs) => {
  expect(intervalMs(hintMs, 0)).toBe(longestMs)
  expect(intervalMs(hintMs, 0.999_999)).toBeGreaterThanOrEqual(longestMs * 0.9)
  expect(intervalMs(hintMs, 0.999_999)).toBeLessThan(longestMs)
})
