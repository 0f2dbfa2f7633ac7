import type { Clock } from '../clock.ts'
import { TrustTally } from '../ledger/trust/trustTally.ts'
import { nothingOfTrust, type TrustView } from '../ledger/trust/view.ts'
import type { LedgerView } from '../ledger/view.ts'
import type { SvidFacts } from '../ledger/workloads/compared/facts.ts'
import type { Judged } from './diagnosis.ts'
import { untrustedDomain } from './untrustedAuthority.ts'

/** A trust domain with an authority that is not trusted. */
interface Known {
  /** Since when, ms since the Unix epoch. */
  readonly sinceMs: number
  /** The key ids of the authorities that signed too early. */
  readonly early: ReadonlySet<string>
}

/** How often SVIDs are counted while no trust bundle refuses any, ms: it takes a tenth of the time of a judgement. */
const countEveryMs = 10_000

/** Untrusted judges trust domains by who holds which authorities. It remembers those that have an authority that is not trusted. */
export class Untrusted {
  readonly #clock: Clock
  readonly #tally: TrustTally
  #known = new Map<string, Known>()
  #trust = nothingOfTrust
  /** SVIDs are counted in this judgement. */
  #counts = false
  #countedMs = -Infinity
  /** A trust bundle refuses an SVID, which may be the first of many. */
  #hasRefusals = false

  constructor(clock: Clock) {
    this.#clock = clock
    this.#tally = new TrustTally(clock)
  }

  /** What the last walk over all SVIDs has found. */
  get trust(): TrustView {
    return this.#trust
  }

  /** Begins another judgement. */
  begin(): void {
    const isDue = this.#clock.monotonicMs() - this.#countedMs >= countEveryMs
    this.#counts = isDue || this.#hasRefusals || this.#known.size > 0
    this.#hasRefusals = false
    if (this.#counts) this.#tally.begin(this.#known.size > 0)
  }

  /** Takes an SVID. Reports whether peers refuse it because its trust domain has an authority that is not trusted. */
  takes(facts: SvidFacts): boolean {
    if (this.#counts) this.#tally.add(facts)
    const { refused } = facts
    if (refused?.reason !== 'unknown_authority') return false
    this.#hasRefusals = true
    return this.#known.has(refused.copy.svid.trustDomain)
  }

  /**
   * Judges the trust domains, once all SVIDs were taken. Reports whether the same ones had such an authority before: not if they have to
   * be counted first.
   */
  conclude(ledger: LedgerView, judged: Judged): boolean {
    if (!this.#counts) return !this.#hasRefusals
    this.#countedMs = this.#clock.monotonicMs()
    const before = this.#known
    this.#known = new Map()
    this.#trust = this.#tally.conclude([...ledger.bundleCopies()], ledger.issuers())
    for (const domain of this.#trust.domains) {
      const { trustDomain } = domain
      const known = before.get(trustDomain)
      const untrusted = untrustedDomain(domain, known?.early)
      if (untrusted === undefined) continue
      const { judgement, early } = untrusted
      const sinceMs = Math.min(judgement.sinceMs ?? this.#clock.now(), known?.sinceMs ?? Infinity)
      this.#known.set(trustDomain, { sinceMs, early })
      judged({ ...judgement, sinceMs, impactMs: sinceMs })
    }
    return before.size === this.#known.size && before.keys().every((trustDomain) => this.#known.has(trustDomain))
  }
}
