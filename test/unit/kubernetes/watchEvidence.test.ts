import { expect, test } from 'vitest'
import { WatchEvidence } from '../../../src/kubernetes/watchEvidence.ts'
import { ManualClock } from '../../support/manualClock.ts'

test('a watch that has ended before its pause is no evidence', async () => {
  const clock = new ManualClock()
  let found = 0
  const evidence = new WatchEvidence(clock, new AbortController().signal, () => (found += 1))
  await clock.advance(100)
  evidence.end()
  await clock.advance(1000)
  expect(found).toBe(0)
})

test('a watch that is stopped in its pause is no evidence', async () => {
  const clock = new ManualClock()
  const stop = new AbortController()
  let found = 0
  const evidence = new WatchEvidence(clock, stop.signal, () => (found += 1))
  stop.abort()
  await clock.advance(1000)
  evidence.end()
  expect(found).toBe(0)
})
