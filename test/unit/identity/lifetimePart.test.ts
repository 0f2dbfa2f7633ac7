import fc from 'fast-check'
import { expect, test } from 'vitest'
import { svidState } from '../../../src/identity/lifetime.ts'
import { lifetimePart, lifetimeParts } from '../../../src/identity/lifetimePart.ts'
import { svid } from '../../support/observations.ts'

const hour = svid()
const start = hour.notBeforeMs
const minute = 60_000

test.each([
  [-5 * minute, 'until_due_75-100'],
  [0, 'until_due_75-100'],
  [10 * minute, 'until_due_75-100'],
  [10 * minute + 1, 'until_due_50-75'],
  [20 * minute, 'until_due_50-75'],
  [20 * minute + 1, 'until_due_25-50'],
  [30 * minute, 'until_due_25-50'],
  [30 * minute + 1, 'until_due_0-25'],
  [40 * minute, 'until_due_0-25'],
  [40 * minute + 1, 'overdue_75-100'],
  [45 * minute, 'overdue_75-100'],
  [45 * minute + 1, 'overdue_50-75'],
  [50 * minute, 'overdue_50-75'],
  [50 * minute + 1, 'overdue_25-50'],
  [55 * minute, 'overdue_25-50'],
  [55 * minute + 1, 'overdue_0-25'],
  [60 * minute, 'overdue_0-25'],
  [60 * minute + 1, 'expired'],
])('after %i ms of an hour, renewed after 40 minutes, it is in the part %s', (ageMs, part) => {
  expect(lifetimePart(hour, start + 40 * minute, start + ageMs)).toBe(part)
})

test('what was dated back is judged on what its workload has of it', () => {
  const obtainedMs = start + 20 * minute
  const partAfter = (minutes: number) => lifetimePart(hour, start + 40 * minute, start + minutes * minute, obtainedMs)
  expect([20, 25, 26, 40, 41].map(partAfter)).toEqual([
    'until_due_75-100',
    'until_due_75-100',
    'until_due_50-75',
    'until_due_0-25',
    'overdue_75-100',
  ])
})

test('what is due when it is obtained has been due for all of its time', () => {
  const dueMs = start + 40 * minute
  expect(lifetimePart(hour, dueMs, dueMs, dueMs)).toBe('until_due_75-100')
  expect(lifetimePart(hour, dueMs, dueMs + 1, dueMs)).toBe('overdue_75-100')
})

test('a lifetime that is none, or that no three parts make, has a part at any time', () => {
  const none = { notBeforeMs: start, notAfterMs: start }
  expect([-1, 0, 1].map((ms) => lifetimePart(none, start, start + ms))).toEqual([
    'until_due_75-100',
    'until_due_75-100',
    'expired',
  ])
  const odd = { notBeforeMs: 0, notAfterMs: 1000 }
  expect([666, 667, 668].map((ms) => lifetimePart(odd, 667, ms))).toEqual([
    'until_due_0-25',
    'until_due_0-25',
    'overdue_75-100',
  ])
})

test('parts follow each other in their order, and the state says in which half they are', () => {
  const order = Object.keys(lifetimeParts)
  const half = { valid: 'until_due_', renewal_overdue: 'overdue_', expired: 'expired' }
  const anyMs = fc.integer({ min: 0, max: 100 })
  fc.assert(
    fc.property(fc.tuple(anyMs, anyMs, anyMs, anyMs, anyMs, anyMs), ([from, obtained, due, to, ...times]) => {
      const period = { notBeforeMs: from, notAfterMs: to }
      const parts = times.sort((one, other) => one - other).map((ms) => lifetimePart(period, due, ms, obtained))
      const places = parts.map((part) => order.indexOf(part))
      expect(places).toEqual(places.toSorted((one, other) => one - other))
      for (const [index, ms] of times.entries())
        expect(parts[index]?.startsWith(half[svidState(to, due, ms)])).toBe(true)
    }),
  )
})
