import type { Period } from '../../identity/lifetime.ts'
import type { Seen } from './attestations.ts'
import type { RequestObservation, RequestState } from './observations.ts'
import type { RequestReason } from './reasons.ts'

/** One issuer of SVIDs. */
export interface IssuerView {
  readonly trust_domain: string
  readonly issuer: string
  /** When a request was last issued, ms since the Unix epoch. */
  readonly lastIssuedMs: number
  /** When that certificate behind its newest SVID is valid that ends first; undefined where none is told. */
  readonly chain: Period | undefined
}

/** A CertificateRequest that has ended, as its last version tells it, and when its steps were seen as they happened. */
export interface ConcludedRequest {
  readonly request: RequestObservation
  readonly seen: Seen
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
