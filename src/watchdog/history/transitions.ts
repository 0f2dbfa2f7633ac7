import type { FailureReason } from './failureReasons.ts'
import type { History, Reservation, ReservationState } from './history.ts'
import type { Wanted } from '../wanted.ts'

/**
 * Reserves a restart. An earlier reservation of the same owner that the API has refused is replaced, and the number of its refusals kept.
 * Nothing may be done before the returned history is stored.
 */
export function reserve({ next, reservations }: History, wanted: Wanted, nowMs: number): History {
  const refused = reservations.find((one) => one.owner === wanted.owner && one.state === 'refused')
  const { pod, namespace, cause, issuers, node, owner } = wanted
  const reserved: Reservation = {
    ...{ id: next, pod, namespace, owner, node, issuers, cause, state: 'reserved', reservedMs: whole(nowMs) },
    ...(refused?.refusals !== undefined && { refusals: refused.refusals }),
  }
  return { next: next + 1, reservations: [...reservations.filter((one) => one !== refused), reserved] }
}

/** From which state each transition leads. Any other is ignored: what was decided once stays. */
const from: Readonly<Record<Exclude<ReservationState, 'reserved'>, readonly ReservationState[]>> = {
  acted: ['reserved'],
  healed: ['acted'],
  failed: ['reserved', 'acted'],
  cleared: ['failed'],
  refused: ['reserved'],
  abandoned: ['reserved'],
}

function change(
  history: History,
  id: number,
  state: Exclude<ReservationState, 'reserved'>,
  values: Partial<Reservation>,
): History {
  const before = history.reservations.find((one) => one.id === id)
  if (before === undefined || !from[state].includes(before.state)) return history
  return replace(history, { ...before, ...values, state })
}

const replace = (history: History, after: Reservation): History => ({
  ...history,
  reservations: history.reservations.map((one) => (one.id === after.id ? after : one)),
})

/** Times that come from a monotonic clock have fractions, which nothing needs. */
const whole = (ms: number): number => Math.round(ms)

/** The API has evicted the pod, or the pod is gone after it was asked to. */
export const acted = (history: History, id: number, nowMs: number): History =>
  change(history, id, 'acted', { actedMs: whole(nowMs) })

/** The pod that came in its place was verified to be fresh. */
export const healed = (history: History, id: number, successor: string, nowMs: number): History =>
  change(history, id, 'healed', { endedMs: whole(nowMs), successor })

/** The restart did not heal, or never can be done. */
export const failed = (history: History, id: number, reason: FailureReason, nowMs: number): History =>
  change(history, id, 'failed', { endedMs: whole(nowMs), reason })

/** Budgets that allow nothing must not fill the history. Whatever is forgotten is only tried again sooner. */
const maxRefused = 50

/** The restart was certainly not done, and may be allowed later: a budget, throttling, the kill switch. */
export function refused(history: History, id: number, nowMs: number): History {
  const refusals = (history.reservations.find((one) => one.id === id)?.refusals ?? 0) + 1
  const after = change(history, id, 'refused', { endedMs: whole(nowMs), refusals })
  const [oldest, ...others] = after.reservations.filter(({ state }) => state === 'refused')
  if (others.length < maxRefused) return after
  return { ...after, reservations: after.reservations.filter((one) => one !== oldest) }
}

/** The pod was not evicted by this reservation, and will not be: it is still there after a while, or was gone before. */
export const abandoned = (history: History, id: number, nowMs: number): History =>
  change(history, id, 'abandoned', { endedMs: whole(nowMs) })

/** A failure is over. It still counts as a restart. `successor` is the pod that has come in its place after all. */
export const cleared = (history: History, id: number, nowMs: number, successor?: string): History =>
  change(history, id, 'cleared', { endedMs: whole(nowMs), ...(successor !== undefined && { successor }) })

/** The owner of a failure has been well since `wellMs`; undefined: it is not. */
export function noteWell(history: History, id: number, wellMs: number | undefined): History {
  const before = history.reservations.find((one) => one.id === id)
  if (before?.state !== 'failed' || before.wellMs === wellMs) return history
  return replace(history, { ...before, wellMs: wellMs && whole(wellMs) })
}
