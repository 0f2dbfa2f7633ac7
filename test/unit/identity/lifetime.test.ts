import { expect, test } from 'vitest'
import { svidState } from '../../../src/identity/lifetime.ts'

const minute = 60_000

test.each([
  [0, 'valid'],
  [40 * minute, 'valid'],
  [40 * minute + 1, 'renewal_overdue'],
  [60 * minute, 'renewal_overdue'],
  [60 * minute + 1, 'expired'],
])('after %i ms, an SVID of an hour that is due after 40 minutes is %s', (ageMs, state) => {
  expect(svidState(60 * minute, 40 * minute, ageMs)).toBe(state)
})
