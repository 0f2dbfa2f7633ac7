import { expect, test } from 'vitest'
import { renewalDueMs, svidState } from '../../../src/identity/lifetime.ts'
import { svid } from '../../support/observations.ts'

const hour = svid()
const start = hour.notBeforeMs
const minute = 60_000

test('a third of the lifetime is left when renewal is due', () => {
  expect(renewalDueMs(hour) - start).toBe(40 * minute)
  expect(renewalDueMs({ ...hour, notAfterMs: start + 3 * minute }) - start).toBe(2 * minute)
})

test.each([
  [0, 'valid'],
  [40 * minute, 'valid'],
  [40 * minute + 1, 'renewal_overdue'],
  [60 * minute, 'renewal_overdue'],
  [60 * minute + 1, 'expired'],
])('after %i ms of an hour it is %s', (ageMs, state) => {
  expect(svidState(hour, start + ageMs)).toBe(state)
})
