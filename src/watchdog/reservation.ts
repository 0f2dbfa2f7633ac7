import type { EvictionCode } from '../kubernetes/eviction.ts'
import type { PodReference } from '../kubernetes/podState.ts'

/** What is to be done: one pod is to be evicted. */
export interface Intent {
  readonly pod: PodReference
  /** Why a new pod heals it, in words for people. */
  readonly why: string
}

/** One act that was written down before it is done. */
export interface Reservation {
  /** Names this reservation and no other one, also no later one of the same pod. */
  readonly id: string
  readonly pod: PodReference
}

/**
 * What became of a reservation: an answer to the eviction, or
 * - `switched_off`: the kill switch does not let the watchdog act. Nothing was done.
 * - `presumed`: nobody knows the answer, and the pod is gone or being deleted. It counts as evicted.
 * - `not_done`: the request was not sent, or had no effect in all the time that the API server takes for one.
 */
export type OutcomeCode = Exclude<EvictionCode, 'unknown'> | 'switched_off' | 'presumed' | 'not_done'

export interface Outcome {
  readonly code: OutcomeCode
  readonly detail?: string
  readonly retryAfterMs?: number | undefined
}

/**
 * What acting needs of the watchdog's history, which is a text. All methods are pure. They may be called again with another text, if
 * somebody has changed it meanwhile.
 */
export interface ActHistory<Planned extends Intent = Intent> {
  /** Returns the reservations that are not settled, or why the text cannot be read. */
  open(text: string | undefined): readonly Reservation[] | { readonly problem: string }
  /**
   * Returns the text with one more reservation, or why none may be made. It has to check caps and cool-downs again, because the text may
   * be another one than that by which the act was decided.
   */
  reserve(
    text: string | undefined,
    intent: Planned,
    nowMs: number,
  ): { readonly text: string; readonly reservation: Reservation } | { readonly refusal: string }
  /** Returns the text with the outcome of a reservation; undefined if there is no such reservation that is open. */
  settle(text: string | undefined, id: string, outcome: Outcome, nowMs: number): string | undefined
}
