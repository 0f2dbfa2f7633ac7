import type { DiagnosisCode } from '../diagnosis/codes.ts'

/** The controller that makes a new pod in place of one that is gone. */
export interface Owner {
  /** `namespace/kind/name` of the topmost controller that is known: the Deployment, not its ReplicaSet. */
  readonly key: string
  /** The kind of the pod's own controller, such as `ReplicaSet`. */
  readonly kind: string
  readonly replicas: number
}

/** A pod as the API shows it. Times are ms since the Unix epoch. */
export interface PodFacts {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  /** '' while it is not scheduled. */
  readonly node: string
  /** Undefined: nobody makes a new one. */
  readonly owner: Owner | undefined
  /** The values of the label `svidwatch.io/restart` of the pod and of its namespace; '' where there is none. */
  readonly label: string
  readonly namespaceLabel: string
  /** metadata.creationTimestamp. */
  readonly createdMs: number
  /** A container runs, and the pod is not being deleted. */
  readonly isRunning: boolean
  /** It belongs to svidwatch. */
  readonly isOwn: boolean
  /** An agent runs in it: a SPIRE agent, a CSI driver. */
  readonly isAgent: boolean
  /** The issuers of all SVIDs that the pod has, which a new pod needs before it starts. */
  readonly issuers: readonly string[]
  readonly isNodeReady: boolean
  /** Every agent that the pod needs is Ready on its node. */
  readonly isAgentReady: boolean
}

/** A problem of one SVID of a pod that might be restarted because of it. Times are ms since the Unix epoch. */
export interface Candidate {
  /** With `svid`, names the candidate. */
  readonly code: DiagnosisCode
  /** Names the SVID, as the key of a diagnosis does. */
  readonly svid: string
  readonly trustDomain: string
  readonly pod: PodFacts
  /** Since when the problem exists. */
  readonly sinceMs: number
  /** When connections begin to fail; undefined: that is not known. */
  readonly impactMs?: number
  /** Until when the evidence is known: the oldest of what proves the problem. */
  readonly seenMs: number
  /** The node whose node role found what is mounted; undefined if no finding proves the problem. */
  readonly foundOn: string | undefined
  /** A server of the pod presents a newer SVID than the one that the node role says its containers have. */
  readonly isContradicted: boolean
  /**
   * When the container concerned started: the one that has the old mount, or that serves. Where nobody knows which it is, the youngest
   * of those that mount the SVID.
   */
  readonly startedMs?: number
  /** When the newest SVID was issued for the volume. */
  readonly newestIssuedMs?: number
  /** When the renewal was due; only of a missed renewal. */
  readonly dueMs?: number
  /** The state of a request that is newer than the newest SVID. */
  readonly request?: 'waiting' | 'denied' | 'failed'
  readonly isRenewedTooOften: boolean
}

/** What is known of an issuer. Times are ms since the Unix epoch. */
export interface IssuerFacts {
  /** A diagnosis says that it is down or slow. */
  readonly isDiagnosed: boolean
  /** Its condition Ready; undefined if nobody knows. */
  readonly isReady: boolean | undefined
  /** When the oldest of its requests that wait was created. */
  readonly oldestWaitingMs?: number
  /** When it has issued an SVID last that was of use. */
  readonly lastIssuedMs?: number
  /** When a request failed last, or got an SVID that had expired or that peers refuse. A denial is the approver's, and does not count. */
  readonly lastFailedMs?: number
  /** How many SVIDs it has issued in the last `policy.issuer.spanMs`. */
  readonly issued: number
}

/** What a decision is made from. */
export interface Situation {
  /** All problems of SVIDs, also those that no restart heals. */
  readonly candidates: readonly Candidate[]
  /** How many workloads have SVIDs. */
  readonly workloads: number
  readonly issuers: ReadonlyMap<string, IssuerFacts>
  /** The trust domains in which peers may refuse new SVIDs: an authority is not trusted, or a trust bundle has expired. */
  readonly untrusted: ReadonlySet<string>
}
