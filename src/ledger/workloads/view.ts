import type { SvidState } from '../../identity/lifetime.ts'
import type { X509Svid } from '../../identity/x509Svid.ts'
import type { CountedAs } from '../issuance/view.ts'
import type { FederatedResult, PostureFinding, ReadProblem, RefusedReason } from './reasons.ts'

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
  /** A server of the pod presents another SVID of this volume, and has to read the new one. */
  readonly awaitsServer?: true
}

/** An SVID that is in its file. */
export interface MountedSvid {
  /** The uid of its request. */
  readonly requestUid: string
  readonly place: RequestPlace
  /** How long it took after the SVID was issued, in seconds, and under which names that was counted; undefined if it was not. */
  readonly delivery?: { readonly seconds: number; readonly countedAs: CountedAs }
}

/** An SVID that a server presents for the first time, as far as this process knows. Times are ms since the Unix epoch. */
export interface PresentedSvid {
  /** The uid of its request. */
  readonly requestUid: string
  readonly place: Pick<SvidLabels, 'namespace' | 'pod' | 'volume' | 'node'>
  readonly port: number
  readonly issuedMs: number
  /** When its file was written; undefined if nobody knows, or if nobody sees the file. */
  readonly mountedMs: number | undefined
  /** When a probe saw it. */
  readonly seenMs: number
}

/** A certificate file that cannot be read at present. If it never could, its labels have no SPIFFE ID. */
export interface UnreadableView {
  readonly labels: SvidLabels
  readonly reason: ReadProblem
}

/** A copy that peers refuse although it has not expired. */
export interface RefusedView {
  readonly labels: SvidLabels
  readonly reason: RefusedReason
}

/** Two copies of one SVID that should be the same and are not. */
export interface DriftView {
  readonly labels: Omit<SvidLabels, 'copy' | 'file'>
  readonly cause: DriftCause
}

export const driftCauses = {
  mount_stale: 'the mounted SVID is older than the newest one that was issued for its volume',
  mount_detached: 'running containers have an older mount than the one on the host, which is not written any more',
  not_reloaded: 'the server in the pod presents an older SVID than the one that is mounted',
  empty_volume: 'the volume is mounted and has no files',
  mount_gone: 'the volume of a running pod is not mounted on the host any more',
  sub_path: 'a container mounts a path of the volume by subPath, which keeps the first file for ever',
  wrong_identity: 'a copy has another SPIFFE ID than the other copies, or than the namespace and service account have',
} as const

export type DriftCause = keyof typeof driftCauses

/**
 * One cause for which copies of an SVID that should be the same differ, or soon will. Times are ms since the Unix epoch. `sinceMs` is
 * when it began; undefined if that is not known.
 */
export interface Drift {
  readonly cause: DriftCause
  readonly sinceMs: number | undefined
  /** The copies do not differ yet, but will after the next renewal. */
  readonly isToCome?: true
  /** Since when the oldest container runs that mounts the volume; undefined if none is known to run. */
  readonly containerStartMs?: number
  /** When the mount on the host was born. */
  readonly mountBirthMs?: number
  /** The port whose server is behind. */
  readonly port?: number
  /** The other SPIFFE ID: that of the issued copy, or the path that the namespace and the service account give. */
  readonly otherId?: string
}

/** How many workloads of a namespace are in a state. */
export interface WorkloadCount {
  readonly namespace: string
  readonly state: WorkloadState
  readonly count: number
}

/** The states of a workload, from worst to best. A workload with several SVIDs has the state of the worst. */
export const workloadStates = {
  expired: 'it has an SVID that has expired, or a server in it still presents one',
  pending: 'it mounts a volume for an SVID, and no SVID is known yet',
  valid: 'its SVIDs are valid',
  none: 'it mounts no volume for an SVID',
} as const

export type WorkloadState = keyof typeof workloadStates

/**
 * What the probes of a running pod with SVIDs, or of a configured target, found. If several ports were probed, the first state in this
 * order counts.
 */
export const probeStates = {
  served: 'a server presents an SVID of the workload',
  other_identity: 'a server presents an SVID with another SPIFFE ID than those of the pod',
  no_spiffe_id: 'a server presents a certificate without a SPIFFE ID',
  unreachable: 'no server presents a certificate that can be read',
  host_network: 'the pod shares the network of its node, so its ports may belong to others',
  no_target: 'no port of the pod is probed',
  pending: 'no container of the pod runs yet',
} as const

export type ProbeState = keyof typeof probeStates

/** How many workloads of a namespace are in a state by what their probes found. */
export interface ProbesCount {
  readonly namespace: string
  readonly state: ProbeState
  readonly count: number
}

/** How many probes have read an SVID of a federated trust domain, by whether it verifies. */
export interface FederatedProbesCount {
  readonly trustDomain: string
  readonly result: FederatedResult
  readonly count: number
}

/** The trust bundle that is configured with a file. */
export interface FileBundleView {
  readonly file: string
  /** When the last of its authorities expires, ms since the Unix epoch; undefined if it was never read. */
  readonly notAfterMs: number | undefined
  /** Why it cannot be read at present. */
  readonly problem?: ReadProblem
}

/** How many pods of a namespace have a finding that puts identities at risk. */
export interface PostureCount {
  readonly namespace: string
  readonly finding: PostureFinding
  readonly count: number
}
