import { expect, it } from 'vitest'
import { durationMs } from '../../../src/config/duration.ts'

it.each([
  ['0s', 0],
  ['500ms', 500],
  ['5s', 5_000],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['30d', 2_592_000_000],
])('%s is %i ms', (text, ms) => {
  expect(durationMs(text)).toBe(ms)
})

it.each(['', '5', 's', '5 s', '-5s', '1.5s', '5S', '5w', '1m30s', '5s\n', '1234567890s'])(
  '%j is no duration',
  (text) => {
    expect(durationMs(text)).toBeUndefined()
  },
)
