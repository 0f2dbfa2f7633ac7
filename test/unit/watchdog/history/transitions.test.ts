import { describe, expect, test } from 'vitest'
import { forget } from '../../../../src/watchdog/history/forget.ts'
import { emptyHistory, type History } from '../../../../src/watchdog/history/history.ts'
import * as transitions from '../../../../src/watchdog/history/transitions.ts'
import { defaultPolicy } from '../../../../src/watchdog/policy.ts'
import {
  aFailure,
  aHistory,
  anOpen,
  aReservation,
  aReserved,
  hourMs,
  issuer,
  minuteMs,
  nowMs,
} from '../../../support/restartCases.ts'

const wanted = {
  ...{ pod: 'uid-1', namespace: 'shop', owner: 'shop/Deployment/web', node: 'node-1', issuers: [issuer] },
  cause: 'mount_stale',
} as const
const reserved = transitions.reserve(emptyHistory, wanted, nowMs)
const states = ({ reservations }: History) => reservations.map(({ state }) => state)

test('a reservation has an id that is never used again', () => {
  const twice = transitions.reserve(reserved, { ...wanted, pod: 'uid-2' }, nowMs)
  const forgotten = { ...twice, reservations: [] }
  expect(twice.reservations.map(({ id }) => id)).toEqual([1, 2])
  expect(transitions.reserve(forgotten, wanted, nowMs).reservations.map(({ id }) => id)).toEqual([3])
})

test('times are whole milliseconds, also by a clock with fractions', () => {
  const history = transitions.acted(transitions.reserve(emptyHistory, wanted, nowMs + 0.4), 1, nowMs + 0.6)
  expect(history.reservations[0]).toMatchObject({ reservedMs: nowMs, actedMs: nowMs + 1 })
})

describe('a reservation is acted on once', () => {
  const acted = transitions.acted(reserved, 1, nowMs + 1)
  const ends: readonly [string, History][] = [
    ['it has healed', transitions.healed(acted, 1, 'uid-9', nowMs + 2)],
    ['it has failed', transitions.failed(acted, 1, 'not_fresh', nowMs + 2)],
    ['it was refused', transitions.refused(reserved, 1, nowMs + 2)],
    ['it was abandoned', transitions.abandoned(reserved, 1, nowMs + 2)],
  ]

  test.each(ends)('and not again once %s', (_, ended) => {
    expect(transitions.acted(ended, 1, nowMs + 3)).toBe(ended)
    expect(transitions.healed(ended, 1, 'uid-8', nowMs + 3)).toBe(ended)
    expect(transitions.abandoned(ended, 1, nowMs + 3)).toBe(ended)
  })

  test('and one that is not known is nobody’s', () => {
    expect(transitions.acted(acted, 7, nowMs)).toBe(acted)
  })
})

test('what the API has refused is reserved anew, and its refusals are counted, also for another pod of the owner', () => {
  const once = transitions.refused(reserved, 1, nowMs)
  const twice = transitions.refused(
    transitions.reserve(once, { ...wanted, pod: 'uid-2' }, nowMs + minuteMs),
    2,
    nowMs + minuteMs,
  )
  expect(twice.reservations).toMatchObject([{ id: 2, state: 'refused', refusals: 2 }])
})

test('budgets that allow nothing do not fill the history', () => {
  let history = emptyHistory
  for (let id = 1; id <= 1_000; id += 1) {
    history = transitions.refused(transitions.reserve(history, { ...wanted, owner: `owner-${id}` }, nowMs), id, nowMs)
  }
  expect(history.reservations).toHaveLength(50)
  expect(history.reservations.at(-1)).toMatchObject({ id: 1_000, state: 'refused' })
})

describe('a history forgets', () => {
  const oldMs = nowMs - hourMs - 2 * minuteMs
  const old = { reservedMs: oldMs - 5, actedMs: oldMs, endedMs: oldMs }

  test('restarts after an hour, with the difference of clocks', () => {
    const history = aHistory(aReservation(1, old), aReservation(2, { ...old, actedMs: oldMs + 1 }))
    expect(forget(history, defaultPolicy, nowMs).reservations.map(({ id }) => id)).toEqual([2])
  })

  test('what was not done, after twice the longest pause before another attempt', () => {
    const ended = (minutes: number) => ({ state: 'abandoned', endedMs: nowMs - minutes * minuteMs }) as const
    const history = aHistory(
      aReserved(1, ended(10)),
      aReserved(2, ended(9)),
      aReserved(3, { ...ended(9), state: 'refused' }),
    )
    expect(forget(history, defaultPolicy, nowMs).reservations.map(({ id }) => id)).toEqual([2, 3])
  })

  test('not before the cool-down is over', () => {
    const history = aHistory(aReservation(1, old))
    expect(forget(history, { ...defaultPolicy, cooldownMs: 3 * hourMs }, nowMs)).toBe(history)
  })

  test('no failure that was not cleared, and nothing that is open', () => {
    const history = aHistory(aFailure(1, old), anOpen(2, old))
    expect(states(forget(history, defaultPolicy, nowMs + 100 * hourMs))).toEqual(['failed', 'acted'])
  })
})
