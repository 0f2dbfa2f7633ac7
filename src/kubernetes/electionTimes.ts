import type { Lease } from './lease.ts'

/** How long a holder may be silent before another process may take the Lease. These times are those of client-go. */
export const leaseMs = 15_000
/**
 * A holder that has not renewed for this long stops to be one. It is shorter than `leaseMs`, so that it has stopped before another
 * process may begin.
 */
export const renewWithinMs = 10_000
/** The time between two renewals, and the shortest one between two looks of a process that waits. */
export const retryMs = 2_000
/** How much longer the time between two looks can be, as a part of `retryMs`, so that processes do not look at the same time. */
export const jitter = 1.2
/** The time limit of one request. */
export const requestMs = 5_000

/** A Lease that says that its holder may be silent for longer than this is not believed: it would never be taken again. */
const longestLeaseMs = 60_000
/** What a process writes that gives the Lease back, as client-go does. */
export const releasedMs = 1_000

/**
 * Returns how long a Lease must stay unchanged before another process may take it. Only one that was given back is free at once. One
 * without a holder was made anew, or somebody has edited it, and its last holder may not know yet. A longer time than ours counts, as
 * that of another release, a shorter one does not.
 */
export function silenceMs({ holder, durationMs = leaseMs }: Lease): number {
  if (holder === '' && durationMs === releasedMs) return 0
  return Math.min(Math.max(durationMs, leaseMs), longestLeaseMs)
}
