import { expect, it } from 'vitest'
import { simulate } from '../../radius/incident.ts'
import { isWrong, rightShare, storiesOf } from '../../radius/table.ts'

/** A small part of what `npm run radius` goes through. */
const seeds = Array.from({ length: 16 }, (_, index) => 7_000_000 + index)

it('names the one cause of many problems, and nothing that is not the cause', { timeout: 120_000 }, async () => {
  const outcomes = await Array.fromAsync(seeds, simulate)

  expect(storiesOf(outcomes.filter(isWrong))).toBe('')
  expect(rightShare(outcomes)).toBeGreaterThan(0.95)
})

it('wakes nobody for each SVID of an incident', { timeout: 120_000 }, async () => {
  const outcomes = await Array.fromAsync(seeds, simulate)
  const sum = (pages: readonly number[]): number => pages.reduce((total, one) => total + one, 0)

  expect(sum(outcomes.map(({ pages }) => pages))).toBeLessThan(
    0.3 * sum(outcomes.map(({ pagesBefore }) => pagesBefore)),
  )
})
