import type { Clock } from '../../../clock.ts'
import type { X509Svid } from '../../../identity/x509Svid.ts'
import type { Verdict } from '../../../identity/verdict.ts'
import { addReason, noReasons } from '../../counts.ts'
import { hasExpired } from '../compared/compare.ts'
import type { ServedObservation } from '../observations.ts'
import { federatedResults, type FederatedResult } from '../reasons.ts'
import { refusedInTime } from '../refused/refused.ts'
import type { FederatedProbesCount } from '../view.ts'

export interface FederatedProbesOptions {
  readonly clock: Clock
  /** Reports whether the settings have a bundle endpoint for a trust domain. */
  readonly isFederated: (trustDomain: string) => boolean
}

/**
 * FederatedProbes counts the probes of configured targets that have read an SVID, by its trust domain and by whether it verifies. It
 * counts only trust domains with a bundle endpoint: a server cannot make series by presenting others.
 */
export class FederatedProbes {
  readonly #options: FederatedProbesOptions
  readonly #counts = new Map<string, Map<FederatedResult, number>>()

  constructor(options: FederatedProbesOptions) {
    this.#options = options
  }

  /** Counts what a probe of a configured target came to, as of now. */
  take(result: ServedObservation['result']): void {
    if ('outcome' in result) return
    const { svid, verdict } = result
    const { clock, isFederated } = this.#options
    if (!isFederated(svid.trustDomain)) return
    const counts = this.#counts.get(svid.trustDomain) ?? noReasons(federatedResults)
    addReason(counts, resultOf(svid, verdict, clock.now()))
    this.#counts.set(svid.trustDomain, counts)
  }

  /** Yields the counts of a trust domain since this process began, those that are 0 included. */
  *of(trustDomain: string): Iterable<FederatedProbesCount> {
    for (const [result, count] of this.#counts.get(trustDomain) ?? noReasons(federatedResults))
      yield { trustDomain, result, count }
  }
}

function resultOf(svid: X509Svid, verdict: Verdict | undefined, nowMs: number): FederatedResult {
  if (verdict === undefined) return 'no_bundle'
  const isRefused =
    'refusal' in verdict || hasExpired(svid, nowMs) || refusedInTime(svid, verdict, nowMs, nowMs) !== undefined
  return isRefused ? 'refused' : 'verified'
}
