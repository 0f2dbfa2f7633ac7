import type { Clock } from '../clock.ts'
import type { IssuerView, RequestCount } from '../ledger/issuance/view.ts'
import type { LedgerView } from '../ledger/view.ts'
import type { Judged, Judgement } from './diagnosis.ts'
import { MissedRenewals, type MissedSvid } from './missedRenewals.ts'
import { requestRemedy, trustDomainEvidence } from './svids.ts'
import { thresholds } from './thresholds.ts'

/** An outage of an issuer. */
interface Outage {
  /** When the first renewal was due that the issuer did not answer, ms since the Unix epoch. */
  readonly sinceMs: number
  /** Since when the issuer issues again, in the time of `Clock.monotonicMs`; undefined while it does not. */
  readonly backMs: number | undefined
}

/**
 * Outages judges issuers by the SVIDs that have missed their renewal. It remembers which issuers are down, because drivers fetch what
 * was issued some minutes after the issuer is back.
 */
export class Outages {
  readonly #clock: Clock
  readonly #outages = new Map<string, Outage>()
  /** By issuer, as of the present judgement. */
  #missed = new Map<string, MissedRenewals>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Begins another judgement. */
  begin(): void {
    this.#missed = new Map()
  }

  /**
   * Takes a missed renewal. Reports whether an issuer that is down explains it, which it does until a newer SVID was issued and its
   * driver has had the time to fetch it. What is still not mounted then has another cause.
   */
  takes(svid: MissedSvid): boolean {
    const issuer = issuerOf(svid)
    if (issuer === '' || !(svid.missed.isUnissued || this.#isBeingFetched(svid))) return false
    const missed = this.#missed.get(issuer) ?? new MissedRenewals()
    missed.add(svid)
    this.#missed.set(issuer, missed)
    return this.#outages.has(issuer)
  }

  /** Reports whether an issuer is down, as of the last judgement. */
  isDown(issuer: string): boolean {
    return this.#outages.has(issuer)
  }

  /** Judges the issuers, once all missed renewals were taken. Reports whether the same issuers were down before. */
  conclude(ledger: LedgerView, judged: Judged): boolean {
    const before = [...this.#outages.keys()]
    this.#judgeIssuers(ledger, judged)
    return before.length === this.#outages.size && before.every((issuer) => this.#outages.has(issuer))
  }

  /**
   * Reports whether the driver may still be waiting before it asks for what was issued. It waits no longer than it has waited before,
   * because it has doubled its pauses. A mount that also lacks an earlier SVID waits for nothing.
   */
  #isBeingFetched({ facts: { issuedMs = -Infinity, waitedMs, staleSinceMs } }: MissedSvid): boolean {
    if (staleSinceMs !== issuedMs) return false
    return this.#clock.now() - issuedMs <= Math.min(waitedMs, thresholds.retryMs)
  }

  #judgeIssuers(ledger: LedgerView, judged: Judged): void {
    for (const issuer of this.#outages.keys()) if (!this.#missed.has(issuer)) this.#outages.delete(issuer)
    if (this.#missed.size === 0) return
    const requests = Map.groupBy(ledger.requestCounts(), ({ issuer }) => issuer)
    const issuers = Map.groupBy(ledger.issuers(), ({ issuer }) => issuer)
    for (const [issuer, missed] of this.#missed) {
      const lastIssuedMs = lastIssuedOf(issuers.get(issuer) ?? [])
      const outage = this.#outage(issuer, isDown(missed, lastIssuedMs, requests.get(issuer) ?? []), missed)
      if (outage) judged(downJudgement(issuer, outage, missed, lastIssuedMs))
    }
  }

  #outage(issuer: string, isDownNow: boolean, { firstDueMs }: MissedRenewals): Outage | undefined {
    const before = this.#outages.get(issuer)
    const outage = isDownNow
      ? { sinceMs: before?.sinceMs ?? firstDueMs, backMs: undefined }
      : before && { ...before, backMs: before.backMs ?? this.#clock.monotonicMs() }
    const isOver = outage?.backMs !== undefined && this.#clock.monotonicMs() - outage.backMs > thresholds.recoveryMs
    if (outage === undefined || isOver) {
      this.#outages.delete(issuer)
      return undefined
    }
    this.#outages.set(issuer, outage)
    return outage
  }
}

const issuerOf = ({ missed }: MissedSvid): string => missed.copy.labels.issuer

/**
 * Reports whether an issuer is down: several renewals were missed, and nothing was issued since the last of them was due. An issuer
 * that works has issued SVIDs to others by then. One of the workloads has asked since or shortly before, or any request was already
 * waiting when the last of the renewals was missed. A request of another workload that was refused is no evidence, because it may be old.
 */
function isDown(missed: MissedRenewals, lastIssuedMs: number, requests: readonly RequestCount[]): boolean {
  if (missed.unissued < thresholds.minUnissued || lastIssuedMs >= missed.lastDueMs) return false
  // Where few of those that ask are among many that do not, it is drivers that do not ask.
  if (missed.requested > 0 && missed.requested <= thresholds.requestedShare * missed.unissued) return false
  return missed.hasAsked || requests.some(({ oldestMs = Infinity }) => oldestMs < missed.lastMissedMs)
}

const lastIssuedOf = (views: readonly IssuerView[]): number =>
  views.reduce((last, { lastIssuedMs }) => Math.max(last, lastIssuedMs), -Infinity)

function downJudgement(issuer: string, { sinceMs }: Outage, missed: MissedRenewals, lastIssuedMs: number): Judgement {
  const { requesting } = missed
  const request = requesting?.requested
  return {
    code: 'issuer_down',
    severity: 'critical',
    key: issuer,
    subject: { issuer },
    reason: request?.reason ?? '',
    sinceMs,
    impactMs: missed.firstEndMs,
    evidence: {
      missed: missed.count,
      first: missed.first,
      ...(Number.isFinite(lastIssuedMs) && { lastIssuedMs }),
      ...(request?.message && { message: request.message }),
      ...trustDomainEvidence(request),
    },
    remedy: requesting ? requestRemedy(requesting, 'issuer') : 'issuer',
    explainedBy: '',
    muted: missed.areMuted,
  }
}
