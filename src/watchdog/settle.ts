import { forget } from './history/forget.ts'
import { isOpen, type History, type Reservation } from './history/history.ts'
import { abandoned, acted, cleared, failed, healed, noteWell } from './history/transitions.ts'
import type { Policy } from './policy.ts'
import type { OwnerSight } from './sight.ts'
import { recoveryOf, verify, type Proving } from './verify.ts'

/** Whose owners `settle` needs to see. */
export const isUnsettled = (reservation: Reservation): boolean => isOpen(reservation) || reservation.state === 'failed'

/**
 * Brings the history up to what is seen: verifies what is open, ends the failures whose cause is over, and forgets what is too old to matter.
 * `sightOf` returns undefined for an owner that could not be seen. Returns the same history if nothing changes.
 */
export function settle(
  history: History,
  sightOf: (owner: string) => OwnerSight | undefined,
  policy: Policy,
  nowMs: number,
): History {
  const settled = history.reservations
    .filter(isUnsettled)
    .reduce((after, one) => settleOne(after, one, sightOf(one.owner), policy, nowMs), history)
  return forget(settled, policy, nowMs)
}

function settleOne(
  history: History,
  reservation: Reservation,
  sight: OwnerSight | undefined,
  policy: Policy,
  nowMs: number,
): History {
  const { id } = reservation
  if (!isOpen(reservation)) return settleFailure(history, reservation, sight, policy, nowMs)
  const verification = verify(reservation, sight, provingOf(reservation, history), policy, nowMs)
  switch (verification.is) {
    case 'waiting':
      return history
    case 'acted':
      return acted(history, id, nowMs)
    case 'abandoned':
      return abandoned(history, id, nowMs)
    case 'healed':
      return healed(history, id, verification.successor, nowMs)
    case 'failed':
      return failed(history, id, verification.reason, nowMs)
  }
}

function provingOf({ owner, reservedMs }: Reservation, { reservations }: History): Proving {
  const atTheSameTime = reservations.filter(
    (one) => one.owner === owner && (isOpen(one) || (one.endedMs ?? 0) >= reservedMs),
  )
  return {
    taken: new Set(reservations.flatMap(({ successor }) => successor ?? [])),
    sinceMs: Math.min(reservedMs, ...atTheSameTime.map((one) => one.reservedMs)),
  }
}

/** A person may end a failure after it has happened. What shows that it is over must last: an owner may be well for a moment. */
function settleFailure(
  history: History,
  reservation: Reservation,
  sight: OwnerSight | undefined,
  policy: Policy,
  nowMs: number,
): History {
  if (sight === undefined) return history
  const { id, endedMs = 0, wellMs } = reservation
  const isRetried = sight.pods.some(({ retryMs = -Infinity }) => retryMs + policy.clockSkewMs > endedMs)
  if (isRetried) return cleared(history, id, nowMs)
  const recovery = recoveryOf(reservation, sight, provingOf(reservation, history), policy, nowMs)
  if (recovery === undefined) return noteWell(history, id, undefined)
  if (wellMs === undefined) return noteWell(history, id, nowMs)
  return nowMs - wellMs >= policy.verify.wellMs ? cleared(history, id, nowMs, recovery.successor) : history
}
