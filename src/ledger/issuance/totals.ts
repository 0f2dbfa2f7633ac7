import { failureReasons, type FailureReason } from './reasons.ts'
import { durationBuckets, type Total, type TotalName } from './view.ts'

/** The totals that are durations. */
export const durationNames = ['approvalDuration', 'signingDuration', 'renewalDuration'] as const
export type DurationName = (typeof durationNames)[number]

/** `counts[i]` observations fell into bucket i and no smaller one; the last is +Inf. `sum` is in seconds. */
export interface Histogram {
  counts: number[]
  sum: number
}

/** Everything that was counted of one issuer in one trust domain. */
export interface IssuerTotals extends Record<DurationName, Histogram> {
  readonly trustDomain: string
  readonly issuer: string
  /** When something was counted last, ms since the Unix epoch. */
  usedMs: number
  attestationSuccess: number
  identityMismatches: number
  attestationFailure: Record<FailureReason, number>
}

/** All totals at one moment: later changes leave them alone. */
export type TotalsSnapshot = readonly Readonly<IssuerTotals>[]

/** The method label of what cert-manager attests. */
const method = 'cert-manager'

/** The cumulative counters and histograms, by trust domain and issuer. They only ever grow, until an issuer is deleted. */
export class Totals {
  readonly #issuers = new Map<string, IssuerTotals>()

  /** Those of one issuer; undefined: there are none. */
  known(trustDomain: string, issuer: string): IssuerTotals | undefined {
    return this.#issuers.get(keyOf(trustDomain, issuer))
  }

  /** Those of one issuer, which begin at zero. */
  of(trustDomain: string, issuer: string): IssuerTotals {
    const totals = this.known(trustDomain, issuer) ?? noTotals(trustDomain, issuer)
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

  /** Goes on from a snapshot; replaces what was there. */
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

const noDurations = (): Histogram => ({ counts: new Array<number>(durationBuckets.length + 1).fill(0), sum: 0 })

export function observe(histogram: Histogram, seconds: number): void {
  const bucket = durationBuckets.findIndex((bound) => seconds <= bound)
  const index = bucket === -1 ? durationBuckets.length : bucket
  histogram.counts[index] = (histogram.counts[index] ?? 0) + 1
  histogram.sum += seconds
}

/** All label combinations of one total. */
export function* totalsNamed(name: TotalName, all: Iterable<Readonly<IssuerTotals>>): Iterable<Total> {
  for (const totals of all) {
    const pair = [totals.trustDomain, totals.issuer]
    if (name === 'attestationSuccess') yield { labels: [...pair, method], value: totals[name] }
    else if (name === 'identityMismatches') yield { labels: pair, value: totals[name] }
    else if (name === 'attestationFailure')
      for (const reason of failureReasons) yield { labels: [...pair, method, reason], value: totals[name][reason] }
    else yield { labels: pair, ...totals[name] }
  }
}
