import type { SvidState } from '../../identity/lifetime.ts'
import type { X509Svid } from '../../identity/x509Svid.ts'
import type { PostureFinding, ReadProblem } from './reasons.ts'

/** The copies of an SVID, in the order in which they come to be. */
export const copyNames = ['issued', 'mounted', 'served'] as const
export type CopyName = (typeof copyNames)[number]

/**
 * What identifies one copy of one SVID to the outside. `copy` says which copy it is. A copy in a configured file has `file` in
 * the place of `pod` and `volume`. Values that are not known are ''. The same object comes back as long as nothing in it has
 * changed.
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
  readonly copy: CopyName
}

/** One copy of an SVID that is known. Times are ms since the Unix epoch. */
export interface SvidView {
  /** A small number that no other copy has at the same time. */
  readonly slot: number
  readonly labels: SvidLabels
  readonly svid: X509Svid
  /** When the workload got it, where that is known and later than notBefore, as where an issuer dates certificates back. */
  readonly obtainedMs?: number
  /** When its renewal is due. */
  readonly renewalDueMs: number
  /** When it was last seen to be so: the last contact of what sees it. */
  readonly lastObservedMs: number
  /** Why it cannot be read at present; undefined while it can. */
  readonly problem?: ReadProblem
  /** Its renewal-due time or its expiry has passed. */
  readonly state: SvidState
  /** It is the copy that its workload goes by; one copy of each SVID is. */
  readonly inUse: boolean
}

/** One workload with its SVIDs. */
export interface WorkloadView {
  /** A configured file has no namespace and no pod. */
  readonly namespace: string
  readonly pod: string
  /** How many copies of SVIDs are known. */
  readonly size: number
  /** The copies as of now. */
  copies(): readonly SvidView[]
}

/** A copy of an SVID after it has changed. Without an SVID, the copy is gone. */
export interface CopyChange {
  readonly labels: SvidLabels
  readonly svid?: X509Svid
  /** Why it cannot be read at present. */
  readonly problem?: ReadProblem
}

/** A certificate file that cannot be read at present. Its labels have no SPIFFE ID where it never could. */
export interface UnreadableView {
  readonly labels: SvidLabels
  readonly reason: ReadProblem
}

/** Two copies of one SVID that should be the same and are not. */
export interface DriftView {
  readonly labels: Omit<SvidLabels, 'copy' | 'file'>
  readonly cause: DriftCause
}

export const driftCauses = {
  mount_stale: 'the mounted SVID is older than the newest one that was issued for its volume',
} as const

export type DriftCause = keyof typeof driftCauses

/** A workload whose SVID is renewed again and again, far before its renewal is due. */
export interface TooOftenView {
  readonly labels: DriftView['labels']
}

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
