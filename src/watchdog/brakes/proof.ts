import { isOfRestart } from '../history/failureReasons.ts'
import { happenedMs, isOpen, type Reservation } from '../history/history.ts'
import type { Policy } from '../policy.ts'

/** `none`: a restart would be the canary. `awaited`: the canary is under way. `proven`: it has healed. `failed`: restarts do not heal. */
export type Proof = 'none' | 'awaited' | 'proven' | 'failed'

/**
 * Returns what the restarts for one scope prove. A single failure among restarts that heal may be the owner's own; several in a row are
 * not.
 */
export function proofOf(those: readonly Reservation[], { canary }: Policy, nowMs: number): Proof {
  const healedMs = latest(those.filter((one) => one.state === 'healed' && nowMs - happenedMs(one) < canary.provesMs))
  const failures = those.filter(
    (one) => one.state === 'failed' && isOfRestart(one.reason) && happenedMs(one) >= healedMs,
  ).length
  const hasHealed = healedMs > -Infinity
  if (failures >= (hasHealed ? canary.failures : 1)) return 'failed'
  if (hasHealed) return 'proven'
  return those.some(isOpen) ? 'awaited' : 'none'
}

const latest = (reservations: readonly Reservation[]): number =>
  reservations.reduce((last, one) => Math.max(last, happenedMs(one)), -Infinity)
