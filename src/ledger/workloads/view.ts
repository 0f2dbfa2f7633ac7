import type { X509Svid } from '../../identity/x509Svid.ts'
import type { PostureFinding, ReadProblem } from './reasons.ts'

/**
 * What identifies one copy of one SVID to the outside. Which copy it is says `copy`. A copy in a configured file has `file`
 * in the place of `pod` and `volume`. Values that are not known are ''.
 * The same object comes back as long as nothing in it has changed.
 */
export interface SvidLabels {
  readonly spiffe_id: string
  readonly trust_domain: string
  readonly namespace: string
  readonly pod: string
  readonly volume: string
  readonly node: string
  readonly issuer: string
  readonly file: string
  readonly copy: 'issued' | 'mounted'
  /** Room for what an output makes of these labels, so that it lives as long as they do; the ledger never reads it. */
  memo?: unknown
}

/** One copy of an SVID that is known. */
export interface SvidView {
  readonly labels: SvidLabels
  readonly svid: X509Svid
  /** When its renewal is due, ms since the Unix epoch. */
  readonly renewalDueMs: number
  /** When it was last seen to be so; now, as long as its source sees it. */
  readonly lastObservedMs: number
  /** Why it cannot be read at present; undefined while it can. */
  readonly problem?: ReadProblem
  /** Its renewal-due time or its expiry has passed. */
  readonly state: 'valid' | 'renewal_overdue' | 'expired'
  /** It is the copy that its workload goes by; one copy of each workload is. */
  readonly inUse: boolean
}

/** A certificate file that cannot be read at present. Its labels have no SPIFFE ID where it never could. */
export interface UnreadableView {
  readonly labels: SvidLabels
  readonly reason: ReadProblem
}

/** Two copies of one workload's SVID that should be the same and are not. */
export interface DriftView {
  readonly labels: Omit<SvidLabels, 'copy' | 'file'>
  readonly cause: DriftCause
}

export const driftCauses = {
  mount_stale: 'the mounted SVID is older than the newest one that was issued for its volume',
} as const

export type DriftCause = keyof typeof driftCauses

/** How many pods of a namespace are covered by SVIDs in this way. */
export interface WorkloadCount {
  readonly namespace: string
  readonly state: WorkloadState
  readonly count: number
}

/** How it stands with the SVIDs of a pod; of several, the worst counts. From worst to best. */
export const workloadStates = {
  expired: 'it has an SVID that has expired',
  pending: 'it mounts a volume for an SVID, and none is known yet',
  valid: 'its SVIDs are valid',
  none: 'it mounts no volume for an SVID',
} as const

export type WorkloadState = keyof typeof workloadStates

/** How many pods of a namespace have what puts identities at risk. */
export interface PostureCount {
  readonly namespace: string
  readonly finding: PostureFinding
  readonly count: number
}
