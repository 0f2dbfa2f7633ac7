import { describe, expect, test } from 'vitest'
import type { History } from '../../../src/watchdog/history/history.ts'
import { defaultPolicy } from '../../../src/watchdog/policy.ts'
import { settle } from '../../../src/watchdog/settle.ts'
import type { OwnerSight, PodSight } from '../../../src/watchdog/sight.ts'
import { aFailure, aHistory, anOpen, aReserved, hourMs, minuteMs, nowMs } from '../../support/restartCases.ts'

const owner = 'shop/Deployment/web'
const pod = (uid: string, createdMs: number, isFresh = true): PodSight => ({
  ...{ uid, createdMs, isRunning: true, isLeaving: false },
  svids: [
    { problems: isFresh ? [] : ['mount_stale'], mounted: { notAfterMs: nowMs + 3 * hourMs, seenMs: nowMs + hourMs } },
  ],
})
const settled = (history: History, pods: readonly PodSight[] | undefined, atMs = nowMs): History => {
  const sight: OwnerSight | undefined = pods && { seenMs: atMs, pods }
  return settle(history, (name) => (name === owner ? sight : undefined), defaultPolicy, atMs)
}
const states = ({ reservations }: History) => reservations.map(({ state }) => state)
const at = (minutesAgo: number) => ({
  owner,
  reservedMs: nowMs - minutesAgo * minuteMs,
  actedMs: nowMs - minutesAgo * minuteMs,
})

describe('restarts are verified', () => {
  test('each by a new pod of its own', () => {
    const history = aHistory(anOpen(1, at(4)), anOpen(2, at(4)))
    expect(states(settled(history, [pod('a', nowMs - 3 * minuteMs)]))).toEqual(['healed', 'acted'])
    const both = [pod('a', nowMs - 3 * minuteMs), pod('b', nowMs - 3 * minuteMs)]
    expect(settled(history, both).reservations.map(({ successor }) => successor)).toEqual(['a', 'b'])
  })

  test('whichever of the new pods is fresh first', () => {
    const history = aHistory(anOpen(1, at(10)), anOpen(2, at(5)))
    const first = pod('first', nowMs - 9 * minuteMs, false)
    const once = settled(history, [first, pod('second', nowMs - 4 * minuteMs)])
    const twice = settled(once, [pod('first', nowMs - 9 * minuteMs), pod('second', nowMs - 4 * minuteMs)])
    expect(states(once)).toEqual(['healed', 'acted'])
    expect(twice.reservations.map(({ successor }) => successor)).toEqual(['second', 'first'])
  })

  test('also after it was not known for long that they were done', () => {
    const history = aHistory(aReserved(1, { owner, reservedMs: nowMs - 10 * minuteMs }))
    const pods = [pod('a', nowMs - 9 * minuteMs)]
    expect(states(settled(settled(history, pods), pods))).toEqual(['healed'])
  })

  test('and a history in which nothing changes is the same', () => {
    const history = aHistory(anOpen(1, at(1)))
    expect(settled(history, [])).toBe(history)
    expect(settled(history, undefined)).toBe(history)
  })
})

describe('a failure is over', () => {
  const history = aHistory(aFailure(1, { ...at(30), endedMs: nowMs - 10 * minuteMs }))
  const well = [pod('a', nowMs - 5 * hourMs)]

  test('once its owner has been well for five minutes', () => {
    const noted = settled(history, well)
    expect(states(noted)).toEqual(['failed'])
    expect(states(settled(noted, well, nowMs + 5 * minuteMs - 1))).toEqual(['failed'])
    expect(states(settled(noted, well, nowMs + 5 * minuteMs))).toEqual(['cleared'])
  })

  test('not while one of its pods is ill', () => {
    const noted = settled(history, well)
    const again = settled(noted, [...well, pod('b', nowMs - hourMs, false)], nowMs + 4 * minuteMs)
    expect(states(settled(again, well, nowMs + 6 * minuteMs))).toEqual(['failed'])
  })

  test('not while nobody sees its pods', () => {
    const noted = settled(history, well)
    expect(settled(noted, undefined, nowMs + hourMs)).toBe(noted)
  })

  test('once its own new pod is fresh after all, whatever is wrong with the others', () => {
    const pods = [pod('old', nowMs - 5 * hourMs, false), pod('late', nowMs - 25 * minuteMs)]
    const after = settled(settled(history, pods), pods, nowMs + 5 * minuteMs)
    expect(after.reservations).toMatchObject([{ state: 'cleared', successor: 'late' }])
  })

  test('not because of a new pod that proves another restart', () => {
    const pods = [pod('old', nowMs - 5 * hourMs, false), pod('late', nowMs - 25 * minuteMs)]
    const other = aHistory(...history.reservations, { ...anOpen(2, at(30)), state: 'healed', successor: 'late' })
    expect(states(settled(settled(other, pods), pods, nowMs + 5 * minuteMs))).toEqual(['failed', 'healed'])
  })

  test('if the owner is gone', () => {
    expect(states(settled(settled(history, []), [], nowMs + 5 * minuteMs))).toEqual(['cleared'])
  })
})

describe('a person asks for another attempt', () => {
  const failedMs = nowMs - 10 * minuteMs
  const history = aHistory(aFailure(1, { ...at(30), endedMs: failedMs }))
  const retriedAt = (retryMs: number) => states(settled(history, [{ ...pod('a', nowMs - hourMs, false), retryMs }]))

  test('after the failure: it is cleared', () => {
    expect(retriedAt(failedMs)).toEqual(['cleared'])
  })

  test('before the failure: that was the attempt that failed', () => {
    expect(retriedAt(failedMs - 2 * minuteMs)).toEqual(['failed'])
  })
})
