import type { Clock } from '../../clock.ts'
import type { RequestObservation } from './observations.ts'
import { quantileOf, SlidingHistogram } from './slidingHistogram.ts'
import type { IssuerTotals, Totals } from './totals.ts'
import type { IdentityMismatchView, RecentRenewalsView } from './view.ts'

type Mismatch = Omit<IdentityMismatchView, 'trust_domain' | 'issuer'>

/**
 * Lately knows what totals do not tell: how long the renewals of the last minutes took, and which request was the last that claimed
 * another identity. It has as many issuers as the totals have, and forgets an issuer with its totals. It does not survive a
 * restart.
 */
export class Lately {
  readonly #clock: Clock
  readonly #totals: Totals
  readonly #mismatches = new WeakMap<IssuerTotals, Mismatch>()
  readonly #renewals = new WeakMap<IssuerTotals, SlidingHistogram>()

  constructor(clock: Clock, totals: Totals) {
    this.#clock = clock
    this.#totals = totals
  }

  /** A request that counts to `totals` claims another identity than it has. */
  mismatched(totals: IssuerTotals, { namespace, name, spiffeId }: RequestObservation): void {
    this.#mismatches.set(totals, { lastMs: this.#clock.now(), namespace, request: name, spiffeId })
  }

  /** A renewal that counts to `totals` took this long. */
  renewed(totals: IssuerTotals, seconds: number): void {
    const renewals = this.#renewals.get(totals) ?? new SlidingHistogram()
    this.#renewals.set(totals, renewals)
    renewals.observe(seconds, this.#clock.monotonicMs())
  }

  *identityMismatches(): Iterable<IdentityMismatchView> {
    for (const totals of this.#totals.all()) {
      const mismatch = this.#mismatches.get(totals)
      if (mismatch) yield { ...namesOf(totals), ...mismatch }
    }
  }

  *recentRenewals(): Iterable<RecentRenewalsView> {
    for (const totals of this.#totals.all()) {
      const counts = this.#renewals.get(totals)?.counts(this.#clock.monotonicMs()) ?? []
      const count = counts.reduce((sum, one) => sum + one, 0)
      if (count > 0) yield { ...namesOf(totals), count, p99Ms: quantileOf(0.99, counts) * 1000 }
    }
  }
}

const namesOf = ({ trustDomain, issuer }: IssuerTotals) => ({ trust_domain: trustDomain, issuer })
