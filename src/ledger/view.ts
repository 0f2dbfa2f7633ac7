import type { Period } from '../identity/lifetime.ts'
import type { SpiffeBundle } from '../identity/spiffeBundle.ts'
import type { X509Svid } from '../identity/x509Svid.ts'
import type {
  BundleProblem,
  PostureFinding,
  ReadProblem,
  RejectionReason,
  RequestReason,
  TroubleReason,
} from './reasons.ts'
import type {
  BundleEndpointObservation,
  Finding,
  MountedObservation,
  RequestState,
  SourceName,
} from './observations.ts'

/**
 * What identifies one copy of one SVID to the outside. Which copy it is says `source`. A copy in a configured file has `file`
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
  readonly source: 'issued' | 'mounted'
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
  readonly labels: Omit<SvidLabels, 'source' | 'file'>
  readonly cause: DriftCause
}

export const driftCauses = {
  mount_stale: 'the mounted SVID is older than the newest one that was issued for its volume',
} as const
export type DriftCause = keyof typeof driftCauses

/** One issuer of SVIDs. */
export interface IssuerView {
  readonly trust_domain: string
  readonly issuer: string
  /** When a request was last issued, ms since the Unix epoch. */
  readonly lastIssuedMs: number
  /** When that certificate behind its newest SVID is valid that ends first; undefined where none is told. */
  readonly chain: Period | undefined
}

/** What tells one group of CertificateRequests from another. */
export interface RequestKind {
  readonly namespace: string
  readonly issuer: string
  readonly state: RequestState
  readonly reason: RequestReason | ''
}

/** How many CertificateRequests are in a state. */
export interface RequestCount extends RequestKind {
  readonly count: number
  /** When the oldest of them was made, ms since the Unix epoch; only of those that wait. */
  readonly oldestMs?: number
}

/** What is known of one source. */
export interface SourceStatus {
  readonly source: SourceName
  /** Its first look has concluded, well or badly. */
  readonly concluded: boolean
  /** It sees its system now. */
  readonly up: boolean
  /** When it last saw its system, ms since the Unix epoch; undefined: never. */
  readonly lastContactMs?: number
  /** The trouble it is in, while it is not up. */
  readonly trouble?: { readonly reason: TroubleReason; readonly detail: string; readonly sinceMs: number }
  /** How often it got into trouble, by reason; every reason is there. */
  readonly troubles: ReadonlyMap<TroubleReason, number>
  /** How many inputs it refused, by reason; every reason is there. */
  readonly rejections: ReadonlyMap<RejectionReason, number>
  /** The last inputs that it refused, newest last; a few. */
  readonly lastRejected: readonly {
    readonly reason: RejectionReason
    readonly where: string
    readonly detail: string
  }[]
}

/** Trouble that something is in at present. */
export interface TroubleView<Reason> {
  readonly reason: Reason
  readonly detail: string
  /** Ms since the Unix epoch. */
  readonly sinceMs: number
}

/** The node role of one node, as it is followed. */
export interface NodeRoleView {
  readonly node: string
  /** It is heard, and sees its node's files. */
  readonly up: boolean
  /** When it was last up, ms since the Unix epoch: now, while it is; undefined: never. */
  readonly lastContactMs?: number
  readonly trouble?: TroubleView<TroubleReason>
  /** How many of its findings are held, and how many of them are refused because the API places the pod elsewhere. */
  readonly findings: number
  readonly refused: number
}

/** The agent that a node should have. */
export interface AgentView {
  readonly node: string
  readonly agent: string
  /** A pod of the agent is there and Ready. */
  readonly up: boolean
  /** How many SVIDs the pods of the node hold from it; undefined where nothing tells. */
  readonly svids?: number
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

/** One bundle endpoint and what it gave. */
export interface BundleView {
  readonly endpoint: BundleEndpointObservation
  /** The last good bundle, and when it was last fetched, ms since the Unix epoch, by this process or an earlier one; undefined: none yet. */
  readonly bundle?: SpiffeBundle
  readonly refreshedMs?: number
  /** What is wrong since the last good one. */
  readonly trouble?: TroubleView<BundleProblem>
  /** How often it gave this process a bundle. */
  readonly fetches: number
  /** How often it gave none, by reason; every reason is there. */
  readonly failures: ReadonlyMap<BundleProblem, number>
}

/**
 * The counters and histograms that survive a restart, with their label names. What is handed out is what may be shown: the
 * committed totals where totals are committed.
 */
export const totalsShape = {
  attestationSuccess: { type: 'counter', labels: ['trust_domain', 'issuer', 'method'] },
  attestationFailure: { type: 'counter', labels: ['trust_domain', 'issuer', 'method', 'reason'] },
  identityMismatches: { type: 'counter', labels: ['trust_domain', 'issuer'] },
  approvalDuration: { type: 'histogram', labels: ['trust_domain', 'issuer'] },
  signingDuration: { type: 'histogram', labels: ['trust_domain', 'issuer'] },
  renewalDuration: { type: 'histogram', labels: ['trust_domain', 'issuer'] },
} as const
export type TotalName = keyof typeof totalsShape

/** Upper bounds of the histograms' buckets, in seconds. */
export const durationBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800] as const

/** One label combination of a total. `labels` are values in the order of the total's label names. */
export type Total =
  | { readonly labels: readonly string[]; readonly value: number }
  /** `counts[i]` observations fell into bucket i and no smaller one; the last is +Inf. `sum` is in seconds. */
  | { readonly labels: readonly string[]; readonly counts: readonly number[]; readonly sum: number }

/** What a walk through all workloads shows besides the copies of their SVIDs. */
export interface Survey {
  readonly unreadable: readonly UnreadableView[]
  readonly drifts: readonly DriftView[]
  readonly agents: readonly AgentView[]
  readonly workloads: readonly WorkloadCount[]
}

/** What the outputs read. Everything is derived when asked, as of the clock's now. */
export interface LedgerView {
  /** All copies, or those in one namespace. */
  svids(namespace?: string): Iterable<SvidView>
  /** Walks through all copies once, each of which is handed to `see`, and tells what else there is to see of them. */
  survey(see?: (copy: SvidView) => void): Survey
  issuers(): Iterable<IssuerView>
  requestCounts(): Iterable<RequestCount>
  sources(): readonly SourceStatus[]
  totals(name: TotalName): Iterable<Total>
  nodeRoles(): Iterable<NodeRoleView>
  posture(): Iterable<PostureCount>
  bundles(): Iterable<BundleView>
}

/** What this process's own eyes find on its node, for those who follow it. */
export interface FindingsView {
  findings(): Iterable<MountedObservation>
  /** Why the node's files cannot be seen at present; undefined while they can. 'starting' until the first look has concluded. */
  blindness(): { readonly reason: TroubleReason; readonly detail: string } | 'starting' | undefined
  /** Calls `listener` after each change of what the two others say, with the finding that changed; undefined: sight did. Returns what ends it. */
  follow(listener: (changed: Finding | undefined) => void): () => void
}
