import type { Clock } from '../clock.ts'
import type { LedgerView } from '../ledger/view.ts'
import { judgeAuthority } from './authorities.ts'
import { judgeBundle } from './bundles.ts'
import type { Judged } from './diagnosis.ts'
import { Outages } from './outages.ts'
import { judgeMismatch, judgeSpeed } from './issuance.ts'
import { judgeAgent, judgeNodeRole, judgeSource } from './sight.ts'
import { judgeSvid, missedJudgement } from './svids.ts'

/** The number of SVIDs after which judging yields. */
const slice = 32

/** Judge says what is wrong now. It remembers nothing but the outages of issuers. */
export class Judge {
  readonly #ledger: LedgerView
  readonly #clock: Clock
  readonly #outages: Outages

  constructor(ledger: LedgerView, clock: Clock) {
    this.#ledger = ledger
    this.#clock = clock
    this.#outages = new Outages(clock)
  }

  /**
   * Calls `judged` with everything that is wrong. Yields where it may be interrupted. Returns whether the judgements count: not if an
   * outage has begun or ended, because they say what an outage explains. Then everything must be judged again.
   */
  *judge(judged: Judged): Generator<undefined, boolean> {
    const nowMs = this.#clock.now()
    this.#outages.begin()
    let count = 0
    for (const facts of this.#ledger.facts()) {
      if ((count += 1) % slice === 0) yield
      const missed = judgeSvid(facts, judged)
      if (missed === undefined) continue
      const isExplained = this.#outages.takes({ facts, missed })
      judged(missedJudgement(facts, missed, isExplained, nowMs))
    }
    this.#judgeOthers(nowMs, judged)
    return this.#outages.conclude(this.#ledger, judged)
  }

  #judgeOthers(nowMs: number, judged: Judged): void {
    for (const issuer of this.#ledger.issuers()) judgeAuthority(issuer, nowMs, judged)
    for (const renewals of this.#ledger.recentRenewals()) judgeSpeed(renewals, judged)
    for (const mismatch of this.#ledger.identityMismatches()) judgeMismatch(mismatch, nowMs, judged)
    for (const bundle of this.#ledger.bundles()) judgeBundle(bundle, nowMs, judged)
    for (const agent of this.#ledger.agents()) judgeAgent(agent, judged)
    for (const nodeRole of this.#ledger.nodeRoles()) judgeNodeRole(nodeRole, judged)
    for (const source of this.#ledger.sources()) judgeSource(source, judged)
  }
}
