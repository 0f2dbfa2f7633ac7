import { failureReasons, type FailureReason } from './reasons.ts'
import { durationBuckets, type Total, type TotalName } from './view.ts'

/** The totals that are durations. */
export const durationNames = ['approvalDuration', 'signingDuration', 'renewalDuration'] as const
export type DurationName = (typeof durationNames)[number]

/** `counts[i]` is the number of observations in bucket i alone; the last bucket is +Inf. `sum` is in seconds. */
export interface Histogram {
  counts: number[]
  sum: number
}

/** Everything that was counted for one issuer in one trust domain. */
export interface IssuerTotals extends Record<DurationName, Histogram> {
  readonly trustDomain: string
  readonly issuer: string
  /** The only namespace that uses the issuer; '' if several do, or nobody knows. */
  namespace: string
  /** When something was counted last, ms since the Unix epoch. */
  usedMs: number
  attestationSuccess: number
  identityMismatches: number
  attestationFailure: Record<FailureReason, number>
}

/** A copy of all totals, which later changes do not affect. */
export type TotalsSnapshot = readonly Readonly<IssuerTotals>[]

/** The label `method` for attestations by cert-manager. */
export const attestationMethod = 'cert-manager'

/** The cumulative counters and histograms, by trust domain and issuer. They only grow, until an issuer is deleted. */
export class Totals {
  readonly #issuers = new Map<string, IssuerTotals>()

  /** Returns the totals of one issuer; undefined if there are none. */
  find(trustDomain: string, issuer: string): IssuerTotals | undefined {
    return this.#issuers.get(keyOf(trustDomain, issuer))
  }

  /** Returns the totals of one issuer. They begin at zero. */
  findOrAdd(trustDomain: string, issuer: string): IssuerTotals {
    const totals = this.find(trustDomain, issuer) ?? noTotals(trustDomain, issuer)
    this.#issuers.set(keyOf(trustDomain, issuer), totals)
    return totals
  }

  delete({ trustDomain, issuer }: IssuerTotals): void {
    this.#issuers.delete(keyOf(trustDomain, issuer))
  }

  all(): Iterable<IssuerTotals> {
    return this.#issuers.values()
  }

  snapshot(): TotalsSnapshot {
    return [...this.#issuers.values()].map((totals) => structuredClone(totals))
  }

  /** Replaces all totals with a snapshot. */
  restore(snapshot: TotalsSnapshot): void {
    this.#issuers.clear()
    for (const totals of snapshot) this.#issuers.set(keyOf(totals.trustDomain, totals.issuer), structuredClone(totals))
  }
}

const keyOf = (trustDomain: string, issuer: string): string => `${trustDomain}\0${issuer}`

export function noTotals(trustDomain: string, issuer: string): IssuerTotals {
  return {
    trustDomain,
    issuer,
    namespace: '',
    usedMs: 0,
    attestationSuccess: 0,
    identityMismatches: 0,
    attestationFailure: Object.fromEntries(failureReasons.map((reason) => [reason, 0])) as Record<
      FailureReason,
      number
    >,
    approvalDuration: noDurations(),
    signingDuration: noDurations(),
    renewalDuration: noDurations(),
  }
}

export const noDurations = (): Histogram => ({ counts: new Array<number>(durationBuckets.length + 1).fill(0), sum: 0 })

export function observe(histogram: Histogram, seconds: number): void {
  const bucket = durationBuckets.findIndex((bound) => seconds <= bound)
  const index = bucket === -1 ? durationBuckets.length : bucket
  histogram.counts[index] = (histogram.counts[index] ?? 0) + 1
  histogram.sum += seconds
}

/** Returns one total for each combination of label values. */
export function* totalsNamed(name: TotalName, all: Iterable<Readonly<IssuerTotals>>): Iterable<Total> {
  for (const totals of all) {
    const pair = [totals.trustDomain, totals.issuer]
    if (name === 'attestationSuccess') yield { labels: [...pair, attestationMethod], value: totals[name] }
    else if (name === 'identityMismatches') yield { labels: pair, value: totals[name] }
    else if (name === 'attestationFailure')
      for (const reason of failureReasons)
        yield { labels: [...pair, attestationMethod, reason], value: totals[name][reason] }
    else yield { labels: pair, ...totals[name] }
  }
}
