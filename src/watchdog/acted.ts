import type { Outcome, Reservation } from './reservation.ts'

/**
 * What became of an act.
 * - `not_reserved`: nothing was done: the history allows no reservation, an earlier one is open, or the Lease is lost or cannot be written.
 * - `open`: the reservation stays open, because nobody knows yet whether the pod is evicted, or because the Lease was lost before. It is
 *   settled later, by this process or by another one, and never done a second time.
 * - `settled`: the outcome is known. Where it could not be written down (`isWritten`), the reservation is settled again later.
 */
export type Acted =
  | { readonly kind: 'not_reserved'; readonly reason: string }
  | { readonly kind: 'open'; readonly reservation: Reservation; readonly reason: string }
  | Settled

export interface Settled {
  readonly kind: 'settled'
  readonly reservation: Reservation
  readonly outcome: Outcome
  readonly isWritten: boolean
}

/** What is known now of the reservations that were open. */
export interface LookedUp {
  readonly settled: readonly Settled[]
  /** Those that stay open, and why. Nothing else is reserved until they are settled. */
  readonly waiting: readonly { readonly reservation: Reservation; readonly reason: string }[]
}
