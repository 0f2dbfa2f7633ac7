import type { Clock } from '../clock.ts'
import type { LedgerView } from '../ledger/view.ts'
import type { SvidFacts } from '../ledger/workloads/compared/facts.ts'
import { judgeAuthority } from './authorities.ts'
import type { TrustView } from '../ledger/trust/view.ts'
import { judgeBundleObject } from './bundleObjects.ts'
import { judgeBundle } from './bundles.ts'
import type { Judged, Judgement } from './diagnosis.ts'
import { FederationSkew } from './federationSkew.ts'
import { judgeMismatch, judgeSpeed } from './issuance.ts'
import { Outages } from './outages.ts'
import { Incidents } from './radius/incidents.ts'
import { judgeAgent, judgeNodeRole, judgeSource } from './sight.ts'
import { judgeNamespaces, judgeNodes } from './skew.ts'
import { judgeSvid, missedJudgement } from './svids.ts'
import { Untrusted } from './untrusted.ts'

/** The number of SVIDs after which judging yields. */
const slice = 32

/** Judge says what is wrong now. It remembers what explains many problems: outages of issuers, authorities that are not trusted, incidents. */
export class Judge {
  readonly #ledger: LedgerView
  readonly #clock: Clock
  readonly #outages: Outages
  readonly #untrusted: Untrusted
  readonly #federation: FederationSkew
  readonly #incidents: Incidents

  constructor(ledger: LedgerView, clock: Clock) {
    this.#ledger = ledger
    this.#clock = clock
    this.#outages = new Outages(clock)
    this.#untrusted = new Untrusted(clock)
    this.#federation = new FederationSkew(clock)
    this.#incidents = new Incidents(clock)
  }

  /** Who holds which authorities, as of the last time that everything was judged. */
  get trust(): TrustView {
    return this.#untrusted.trust
  }

  /**
   * Calls `judged` with everything that is wrong. Yields where it may be interrupted. Returns whether the judgements count: not if an
   * outage or an incident has begun or ended, or an authority is not trusted any more or is again, because they say what that explains.
   * Then everything must be judged again.
   */
  *judge(judged: Judged): Generator<undefined, boolean> {
    const nowMs = this.#clock.now()
    this.#outages.begin()
    this.#untrusted.begin()
    this.#incidents.begin()
    let count = 0
    for (const facts of this.#ledger.facts()) {
      if ((count += 1) % slice === 0) yield
      this.#judgeSvid(facts, nowMs, judged)
    }
    this.#judgeOthers(nowMs, judged)
    const areSameOutages = this.#outages.conclude(this.#ledger, judged)
    const areSameUntrusted = this.#untrusted.conclude(this.#ledger, judged)
    this.#judgeTrust(nowMs, judged)
    if (!areSameOutages || !areSameUntrusted) return false
    return yield* this.#incidents.conclude(judged)
  }

  #judgeSvid(facts: SvidFacts, nowMs: number, judged: Judged): void {
    const judgements: Judgement[] = []
    const isUntrusted = this.#untrusted.takes(facts)
    const missed = judgeSvid(facts, (judgement) => judgements.push(judgement), isUntrusted)
    const isExplained = missed !== undefined && this.#outages.takes({ facts, missed })
    if (missed) judgements.push(missedJudgement(facts, missed, isExplained, nowMs))
    const isIssuerDown = isExplained || (missed === undefined && this.#outages.isDown(facts.labels.issuer))
    const explained = { isIssuerDown, isUntrusted }
    for (const judgement of this.#incidents.takes(facts, missed, judgements, explained)) judged(judgement)
  }

  #judgeTrust(nowMs: number, judged: Judged): void {
    const { domains, bundles } = this.#untrusted.trust
    for (const domain of domains) judgeNodes(domain, nowMs, judged)
    const seenMs = this.#copiesSeenMs(nowMs)
    for (const bundle of bundles) judgeNamespaces(bundle, seenMs, judged)
    for (const endpoint of this.#ledger.bundles()) this.#federation.judge(endpoint, bundles, judged)
    for (const object of this.#ledger.bundleObjects()) judgeBundleObject(object, judged)
  }

  /** Returns until when the copies in namespaces are seen: losing sight of them neither begins nor ends a problem. */
  #copiesSeenMs(nowMs: number): number {
    const status = this.#ledger.sources().find(({ source }) => source === 'trustBundles')
    return status?.lostMs ?? nowMs
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
