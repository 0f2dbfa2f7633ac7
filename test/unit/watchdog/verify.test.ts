import { describe, expect, test } from 'vitest'
import type { RestartCause } from '../../../src/watchdog/causes.ts'
import type { Reservation } from '../../../src/watchdog/history/history.ts'
import { defaultPolicy } from '../../../src/watchdog/policy.ts'
import type { OwnerSight, PodSight, SvidSight } from '../../../src/watchdog/sight.ts'
import { verify } from '../../../src/watchdog/verify.ts'
import { anOpen, aReserved, hourMs, minuteMs, nowMs } from '../../support/restartCases.ts'

const actedMs = nowMs - 3 * minuteMs
const copy = (leftMs = hourMs, seenMs = nowMs) => ({ notAfterMs: nowMs + leftMs, seenMs })
const old = (more: Partial<PodSight> = {}): PodSight => ({
  ...{ uid: 'earlier-1', createdMs: nowMs - 5 * hourMs, isRunning: true, isLeaving: false, svids: [], ...more },
})
const fresh = (svid: Partial<SvidSight> = {}, more: Partial<PodSight> = {}): PodSight => ({
  ...{ uid: 'new', createdMs: nowMs - 2 * minuteMs, isRunning: true, isLeaving: false },
  svids: [{ problems: [], issued: copy(), mounted: copy(), served: copy(), ...svid }],
  ...more,
})
const seen = (...pods: readonly PodSight[]): OwnerSight => ({ seenMs: nowMs, pods })
const outcome = (
  sight: OwnerSight | undefined,
  reservation: Partial<Reservation> = {},
  atMs = nowMs,
  taken: readonly string[] = [],
) => {
  const open = anOpen(1, { reservedMs: actedMs, actedMs, ...reservation })
  return verify(open, sight, { taken: new Set(taken), sinceMs: open.reservedMs }, defaultPolicy, atMs)
}
const healed = { is: 'healed', successor: 'new' }
const waiting = { is: 'waiting' }
const lateMs = actedMs + 15 * minuteMs

describe('a restart has healed', () => {
  test.each<[RestartCause, Partial<SvidSight>]>([
    ['mount_stale', { served: undefined as never }],
    ['mount_detached', { served: undefined as never }],
    ['not_reloaded', {}],
    ['not_renewed', { mounted: undefined as never, served: undefined as never }],
  ])('%s, as soon as the copy that shows it is fresh', (cause, svid) => {
    expect(outcome(seen(fresh(svid)), { cause })).toEqual(healed)
  })
})

describe('a restart is waited for', () => {
  test.each<[string, OwnerSight | undefined, RestartCause?]>([
    ['while there is no new pod', seen()],
    ['while the new pod does not run', seen(fresh({}, { isRunning: false }))],
    ['while only older pods of the owner are fresh', seen(fresh({}, { createdMs: nowMs - 9 * minuteMs }))],
    ['while the new pod has a problem', seen(fresh({ problems: ['mount_stale'] }))],
    ['while what is mounted was not seen', seen(fresh({ mounted: undefined as never }))],
    [
      'while what is mounted was seen only before the pod came',
      seen(fresh({ mounted: copy(hourMs, nowMs - 3 * minuteMs) })),
    ],
    ['while what is mounted is older than what was issued', seen(fresh({ mounted: copy(hourMs - 1) }))],
    ['while what is mounted has expired, or soon will', seen(fresh({ issued: copy(0), mounted: copy(2 * minuteMs) }))],
    ['while the server was not probed', seen(fresh({ served: undefined as never })), 'not_reloaded'],
    ['while the server presents an older SVID', seen(fresh({ served: copy(hourMs - 1) })), 'not_reloaded'],
    ['while the new pod is being deleted', seen(fresh({}, { isLeaving: true }))],
    ['while the API does not answer', undefined],
  ])('%s', (_, sight, cause = 'mount_stale') => {
    expect(outcome(sight, { cause })).toEqual(waiting)
  })

  test('while the new pod is the proof of another restart', () => {
    expect(outcome(seen(fresh()), {}, nowMs, ['new'])).toEqual(waiting)
  })
})

describe('a restart has failed in time', () => {
  test.each<[string, OwnerSight, string]>([
    ['without a new pod', seen(), 'no_new_pod'],
    ['with a new pod that is not fresh', seen(fresh({ problems: ['mount_stale'] })), 'not_fresh'],
    [
      'with a new pod of which nothing was seen',
      seen(fresh({ mounted: undefined as never, served: undefined as never })),
      'not_seen',
    ],
  ])('%s', (_, sight, reason) => {
    expect(outcome(sight, {}, lateMs - 1)).toEqual(waiting)
    expect(outcome(sight, {}, lateMs)).toEqual({ is: 'failed', reason })
  })

  test('if the API does not answer, only after twice the time', () => {
    expect(outcome(undefined, {}, lateMs)).toEqual(waiting)
    expect(outcome(undefined, {}, lateMs + 15 * minuteMs)).toEqual({ is: 'failed', reason: 'outcome_unknown' })
  })
})

describe('a reservation of which nobody knows whether it was acted on', () => {
  const open = aReserved(1, { reservedMs: actedMs })
  const outcomeOf = (sight: OwnerSight | undefined, atMs = nowMs) =>
    verify(open, sight, { taken: new Set(), sinceMs: actedMs }, defaultPolicy, atMs)

  test('was, if the pod is gone or going', () => {
    expect(outcomeOf(seen())).toEqual({ is: 'acted' })
    expect(outcomeOf(seen(old({ isLeaving: true })))).toEqual({ is: 'acted' })
  })

  test('was not, if the pod is still there two minutes later', () => {
    expect(outcomeOf({ seenMs: actedMs + 2 * minuteMs - 1, pods: [old()] })).toEqual(waiting)
    expect(outcomeOf({ seenMs: actedMs + 2 * minuteMs, pods: [old()] })).toEqual({ is: 'abandoned' })
  })

  test('is waited for if it was seen only before', () => {
    expect(outcomeOf({ seenMs: actedMs - 1, pods: [] })).toEqual(waiting)
  })

  test('has failed if nobody can tell', () => {
    expect(outcomeOf(undefined, actedMs + 30 * minuteMs)).toEqual({ is: 'failed', reason: 'outcome_unknown' })
  })
})
