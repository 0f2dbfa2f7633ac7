import { expect, test } from 'vitest'
import { simulate } from '../../watchdog/incident.ts'
import { excusedShare, isWrong, storiesOf } from '../../watchdog/table.ts'

test('only what a restart heals is restarted, and all of it, in 60 simulated incidents', () => {
  const outcomes = Array.from({ length: 60 }, (_, i) => simulate(1_000_000 + i))
  expect(storiesOf(outcomes.filter(isWrong))).toBe('')
  expect(excusedShare(outcomes)).toBeLessThanOrEqual(0.01)
  expect(outcomes.filter(({ healed }) => healed > 0).length).toBeGreaterThan(20)
})
