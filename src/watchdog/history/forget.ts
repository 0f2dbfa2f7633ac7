import { happenedMs, isOpen, mayHaveHappened, type History, type Reservation } from './history.ts'
import type { Policy } from '../policy.ts'

const hourMs = 60 * 60_000

/**
 * Leaves out what no decision depends on any more: restarts whose hour, cool-down and proof are over, and what was not done, once it may be
 * tried again. What is open, and what has failed and was not cleared, stays.
 */
export function forget(history: History, policy: Policy, nowMs: number): History {
  const { cooldownMs, canary, clockSkewMs, refusal } = policy
  const restartsMs = Math.max(hourMs, cooldownMs, canary.provesMs) + clockSkewMs
  const attemptsMs = 2 * refusal.maxMs
  const isKept = (one: Reservation): boolean =>
    isOpen(one) || one.state === 'failed' || nowMs - happenedMs(one) < (mayHaveHappened(one) ? restartsMs : attemptsMs)
  const reservations = history.reservations.filter(isKept)
  return reservations.length === history.reservations.length ? history : { ...history, reservations }
}
