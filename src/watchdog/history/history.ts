import type { FailureReason } from './failureReasons.ts'
import type { Restarted } from '../causes.ts'

/**
 * `reserved`: written down, and not known to be done. `acted`: the pod is gone. `healed`: its successor is fresh. `failed`: it is not, and
 * the owner is left alone. `cleared`: a failure that is over. `refused`: it was not allowed. `abandoned`: it was not done.
 */
export const reservationStates = ['reserved', 'acted', 'healed', 'failed', 'cleared', 'refused', 'abandoned'] as const
export type ReservationState = (typeof reservationStates)[number]

/** One restart, from its reservation until it is forgotten. Times are ms since the Unix epoch, by the clock of the API server. */
export interface Reservation extends Restarted {
  /** Never used again. */
  readonly id: number
  /** The uid of the pod to be evicted: the precondition of the eviction. */
  readonly pod: string
  readonly namespace: string
  readonly state: ReservationState
  readonly reservedMs: number
  readonly actedMs?: number
  /** When it was healed, failed, cleared, refused or abandoned, or rather when that was noticed. */
  readonly endedMs?: number
  /** Of a failure. */
  readonly reason?: FailureReason
  /** Since when the owner of a failure has been well. */
  readonly wellMs?: number | undefined
  /** How many times in a row it was refused. */
  readonly refusals?: number
  /** The uid of the pod that came in its place, which is proof of no other restart. */
  readonly successor?: string
}

/** All restarts that are still of interest, in the order of their reservations. */
export interface History {
  /** The id of the next reservation. */
  readonly next: number
  readonly reservations: readonly Reservation[]
}

export const emptyHistory: History = { next: 1, reservations: [] }

/** Reports whether a restart is not over. */
export const isOpen = ({ state }: Reservation): boolean => state === 'reserved' || state === 'acted'

/** Reports whether a restart happened, or may have. */
export const mayHaveHappened = ({ state }: Reservation): boolean => state !== 'refused' && state !== 'abandoned'

/** Returns when a restart happened at the latest, as far as is known, ms since the Unix epoch. */
export const happenedMs = ({ actedMs, endedMs, reservedMs }: Reservation): number => actedMs ?? endedMs ?? reservedMs
