import type { SvidState } from '../../identity/lifetime.ts'
import type { X509Svid } from '../../identity/x509Svid.ts'
import type { CountedAs } from '../issuance/view.ts'
import type { PostureFinding, ReadProblem } from './reasons.ts'

/** The copies of an SVID, in the order in which they are made. */
export const copyNames = ['issued', 'mounted', 'served'] as const
export type CopyName = (typeof copyNames)[number]

/** The names of the labels that identify one copy of one SVID, in the order in which outputs write them. */
export const svidLabelNames = [
  'spiffe_id',
  'trust_domain',
  'namespace',
  'pod',
  'volume',
  'node',
  'issuer',
  'file',
  'copy',
] as const

/**
 * The labels that identify one copy of one SVID. `copy` says which copy it is. A copy in a configured file has `file` instead of
 * `pod` and `volume`. Values that are not known are ''. A copy has the same object until one of its labels changes.
 */
export type SvidLabels = Readonly<Record<Exclude<(typeof svidLabelNames)[number], 'copy'>, string>> & {
  readonly copy: CopyName
}

/** One known copy of an SVID. Times are ms since the Unix epoch. */
export interface SvidView {
  /** A small number that no other copy has at the same time. */
  readonly slot: number
  readonly labels: SvidLabels
  readonly svid: X509Svid
  /** When the workload got the SVID, if that is known and later than notBefore, because the issuer has dated it back. */
  readonly obtainedMs?: number
  readonly renewalDueMs: number
  /** When the copy was last seen: the last contact of the source or node role that sees it. */
  readonly lastObservedMs: number
  /** Why the copy cannot be read at present; undefined while it can. */
  readonly problem?: ReadProblem
  readonly state: SvidState
  /** The copy is in use. One copy of each SVID is. */
  readonly inUse: boolean
}

/** One workload with its SVIDs. */
export interface WorkloadView {
  /** '' for a configured file, like `pod`. */
  readonly namespace: string
  readonly pod: string
  /** The number of copies and of unread files. */
  readonly size: number
  copies(): readonly SvidView[]
  /** Returns the certificate files from which no SVID was ever read. */
  unread(): readonly UnreadableView[]
}

/** A copy of an SVID after it has changed. Without an SVID, the copy is gone. */
export interface CopyChange {
  readonly labels: SvidLabels
  readonly svid?: X509Svid
  /** Why the copy cannot be read at present. */
  readonly problem?: ReadProblem
}

/** Where the SVID of a request belongs, and whether it is there. Times are ms since the Unix epoch. */
export interface RequestPlace {
  readonly pod: string
  readonly volume: string
  readonly node: string
  /** The files of the node are seen, or were at some time. */
  readonly isSeen: boolean
  /** The SVID of the request is in the file, which was written at this time; undefined if nobody knows when. */
  readonly mounted?: { readonly writtenMs: number | undefined }
}

/** An SVID that is in its file. */
export interface MountedSvid {
  /** The uid of its request. */
  readonly requestUid: string
  readonly place: RequestPlace
  /** How long it took after the SVID was issued, in seconds, and under which names that was counted; undefined if it was not. */
  readonly delivery?: { readonly seconds: number; readonly countedAs: CountedAs }
}

/** A certificate file that cannot be read at present. If it never could, its labels have no SPIFFE ID. */
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

/** How many workloads of a namespace are in a state. */
export interface WorkloadCount {
  readonly namespace: string
  readonly state: WorkloadState
  readonly count: number
}

/** The states of a workload, from worst to best. A workload with several SVIDs has the state of the worst. */
export const workloadStates = {
  expired: 'it has an SVID that has expired',
  pending: 'it mounts a volume for an SVID, and no SVID is known yet',
  valid: 'its SVIDs are valid',
  none: 'it mounts no volume for an SVID',
} as const

export type WorkloadState = keyof typeof workloadStates

/** How many pods of a namespace have a finding that puts identities at risk. */
export interface PostureCount {
  readonly namespace: string
  readonly finding: PostureFinding
  readonly count: number
}
