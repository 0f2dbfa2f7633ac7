import type { DiagnosisCode } from '../diagnosis/codes.ts'

/** A copy of an SVID of a pod. Times are ms since the Unix epoch. */
export interface CopySight {
  readonly notAfterMs: number
  /** When it was last seen. */
  readonly seenMs: number
}

/** An SVID of a pod. */
export interface SvidSight {
  /** What is wrong with it. */
  readonly problems: readonly DiagnosisCode[]
  readonly issued?: CopySight
  /** What the containers have. */
  readonly mounted?: CopySight
  readonly served?: CopySight
}

/** A pod of an owner. */
export interface PodSight {
  readonly uid: string
  /** metadata.creationTimestamp, ms since the Unix epoch. */
  readonly createdMs: number
  readonly isRunning: boolean
  /** It is being deleted, or has ended. */
  readonly isLeaving: boolean
  /** The time in the annotation `svidwatch.io/restart-retry`, ms since the Unix epoch: a person asks for another attempt. */
  readonly retryMs?: number
  readonly svids: readonly SvidSight[]
}

/** What is seen of an owner: all its pods, as one answer of the API has them, and the copies of their SVIDs, as far as they were seen. */
export interface OwnerSight {
  /** When the API was asked, ms since the Unix epoch, by its clock. A watch may lag: ask anew for each owner with an open reservation. */
  readonly seenMs: number
  readonly pods: readonly PodSight[]
}
