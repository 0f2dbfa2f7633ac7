import { expect, test } from 'vitest'
import { Lifetimes } from '../../../../src/sources/certificateRequests/lifetimes.ts'
import { ManualClock } from '../../../support/manualClock.ts'
import { epochMs, svid } from '../../../support/observations.ts'

const minute = 60_000

const living = (lifetimeMs: number, fromMs = epochMs) => svid({ notBeforeMs: fromMs, notAfterMs: fromMs + lifetimeMs })

test.each([
  { of: 'no SVID', lifetimes: [], longestS: 600 },
  { of: 'a minute', lifetimes: [minute], longestS: 3 },
  { of: '5 minutes', lifetimes: [5 * minute], longestS: 3 },
  { of: 'an hour', lifetimes: [60 * minute], longestS: 36 },
  { of: 'a day', lifetimes: [24 * 60 * minute], longestS: 600 },
  { of: 'a day and an hour', lifetimes: [24 * 60 * minute, 60 * minute, 24 * 60 * minute], longestS: 36 },
])('watches for SVIDs of $of last $longestS s at most', ({ lifetimes, longestS }) => {
  const known = new Lifetimes(new ManualClock())
  for (const lifetimeMs of lifetimes) known.seen(living(lifetimeMs))
  expect(known.longestWatchS()).toBe(longestS)
})

test('an SVID that expired long ago makes no watch shorter', () => {
  const known = new Lifetimes(new ManualClock())
  known.seen(living(5 * minute, epochMs - 6 * minute))
  expect(known.longestWatchS()).toBe(600)
})
