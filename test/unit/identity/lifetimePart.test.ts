import { expect, test } from 'vitest'
import { lifetimePart } from '../../../src/identity/lifetimePart.ts'
import { svid } from '../../support/observations.ts'

const hour = svid()
const start = hour.notBeforeMs
const minute = 60_000

test.each([
  [-5 * minute, '83-100'],
  [0, '83-100'],
  [10 * minute, '83-100'],
  [10 * minute + 1, '67-83'],
  [20 * minute, '67-83'],
  [20 * minute + 1, '50-67'],
  [30 * minute, '50-67'],
  [30 * minute + 1, '33-50'],
  [40 * minute, '33-50'],
  [40 * minute + 1, '25-33'],
  [45 * minute, '25-33'],
  [45 * minute + 1, '17-25'],
  [50 * minute, '17-25'],
  [50 * minute + 1, '8-17'],
  [55 * minute, '8-17'],
  [55 * minute + 1, '0-8'],
  [60 * minute, '0-8'],
  [60 * minute + 1, 'expired'],
])('after %i ms of an hour, %s %% are left', (ageMs, part) => {
  expect(lifetimePart(hour, start + ageMs)).toBe(part)
})

test('a lifetime that is none, or that no three parts make, has a part at any time', () => {
  const none = { notBeforeMs: start, notAfterMs: start }
  expect([-1, 0, 1].map((ms) => lifetimePart(none, start + ms))).toEqual(['83-100', '83-100', 'expired'])
  const odd = { notBeforeMs: 0, notAfterMs: 1000 }
  expect([666, 667, 668].map((ms) => lifetimePart(odd, ms))).toEqual(['33-50', '33-50', '25-33'])
})
