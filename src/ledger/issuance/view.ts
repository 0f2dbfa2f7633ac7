import type { Period } from '../../identity/lifetime.ts'
import type { RequestObservation, RequestState } from './observations.ts'
import type { RequestReason } from './reasons.ts'

/** One issuer of SVIDs. */
export interface IssuerView {
  readonly trust_domain: string
  readonly issuer: string
  /** When a request was last issued, ms since the Unix epoch. */
  readonly lastIssuedMs: number
  /** The validity of the first certificate to expire in the chain behind its newest SVID; undefined if there is no chain. */
  readonly chain: Period | undefined
  /** The key identifier of the authority that peers must trust for its newest SVID: see X509Svid. Undefined if the SVID does not say. */
  readonly authorityKeyId?: string | undefined
}

/** The last request to an issuer whose annotation claimed another identity than its certificate (or CSR) has. */
export interface IdentityMismatchView {
  readonly trust_domain: string
  /** '' where the issuer is not named in the totals either. */
  readonly issuer: string
  /** When the end of the request was counted, ms since the Unix epoch. */
  readonly lastMs: number
  readonly namespace: string
  /** The name of the request. */
  readonly request: string
  /** The SPIFFE ID that the request really has. */
  readonly spiffeId: string
}

/** The renewals by one issuer that were counted in the last 15 minutes: how many, and the 99th percentile of their durations. */
export interface RecentRenewalsView {
  readonly trust_domain: string
  /** '' where the issuer is not named in the totals either. */
  readonly issuer: string
  /** At least 1. */
  readonly count: number
  /** Interpolated from the buckets of the histogram, as Prometheus does. The longest that can be told is 30 minutes. */
  readonly p99Ms: number
}

/** When the steps of a request were seen live, ms since the Unix epoch. A step that was not seen live is undefined. */
export interface StepTimes {
  readonly createdMs?: number
  readonly approvedMs?: number
  readonly concludedMs?: number
}

/** The labels under which something of a request is counted; '' where a name is not proven or has no place. */
export interface CountedAs {
  readonly trustDomain: string
  readonly issuer: string
}

/** How long the steps of a request took, in seconds, as they are counted. A step that is not known is left out. */
export interface StepSeconds {
  readonly approval?: number
  readonly signing?: number
  readonly renewal?: number
  /** From the start of the pod, if this is its first SVID. */
  readonly firstSvid?: number
}

/** What is known of the workload of a request when the request ends. */
export interface RequestedFor {
  /** The volume had an SVID before: the request is a renewal. Undefined if that is not known. */
  readonly isRenewal?: boolean
  /** When the kubelet acknowledged the pod, ms since the Unix epoch. Only while the pod waits for its volumes. */
  readonly podStartedMs?: number
}

/** A CertificateRequest that has ended, in its last version, and when its steps were seen live. */
export interface ConcludedRequest extends RequestedFor {
  readonly request: RequestObservation
  readonly seen: StepTimes
  readonly seconds: StepSeconds
  readonly countedAs: CountedAs
}

/** What the CertificateRequests of one group have in common. */
export interface RequestKind {
  readonly namespace: string
  readonly issuer: string
  readonly state: RequestState
  readonly reason: RequestReason | ''
}

/** How many CertificateRequests are in a group. */
export interface RequestCount extends RequestKind {
  readonly count: number
  /**
   * Since when the SVID has been asked for that has waited longest for an answer, ms since the Unix epoch: when its request was created,
   * or the first of those that this request has replaced. Only for requests that wait.
   */
  readonly oldestMs?: number
}

/**
 * The counters and histograms that survive a restart, with their label names. Where totals are committed, outputs see only the
 * committed ones.
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

/** The histograms of how long SVIDs take to reach their pods, by their first SVID and by each mount. They do not survive a restart. */
export const deliveryNames = ['firstSvid', 'mount'] as const
export type DeliveryName = (typeof deliveryNames)[number]

/** The label names of those histograms. */
export const deliveryLabels = ['trust_domain', 'issuer'] as const

/** Upper bounds of the histograms' buckets, in seconds. */
export const durationBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800] as const

/** One label combination of a total. `labels` are values in the order of the total's label names. */
export type Total =
  | { readonly labels: readonly string[]; readonly value: number }
  /** `counts[i]` is the number of observations in bucket i alone; the last bucket is +Inf. `sum` is in seconds. */
  | { readonly labels: readonly string[]; readonly counts: readonly number[]; readonly sum: number }
