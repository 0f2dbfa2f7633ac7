import type { Clock } from '../clock.ts'
import type { IssuerView, RequestCount } from '../ledger/issuance/view.ts'
import type { LedgerView } from '../ledger/view.ts'
import type { SvidFacts } from '../ledger/workloads/facts.ts'
import { rfc3339 } from '../text/rfc3339.ts'
import type { Evidence, Judged, Judgement } from './diagnosis.ts'
import type { Missed } from './svids.ts'
import { thresholds } from './thresholds.ts'

/** An SVID whose renewal was missed. */
export interface MissedSvid {
  readonly facts: SvidFacts
  readonly missed: Missed
}

/** An outage of an issuer. Times are of `Clock.monotonicMs`, except `sinceMs`, ms since the Unix epoch. */
interface Outage {
  /** When the first renewal was due that the issuer did not answer. */
  readonly sinceMs: number
  /** Since when the issuer issues again; undefined while it does not. */
  readonly backMs: number | undefined
}

/** The number of workloads that evidence names. */
const namedFirst = 3

/** Outages remembers which issuers are down, because drivers take some minutes to notice that an issuer is back. */
export class Outages {
  readonly #clock: Clock
  readonly #outages = new Map<string, Outage>()
  /** The keys of the SVIDs whose missed renewal an outage explains. */
  #explained: ReadonlySet<string> = new Set()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Judges the issuers of SVIDs that have missed their renewal. Returns the keys of those SVIDs that an issuer that is down explains.
   * It explains an SVID until the workload has a newer one: drivers fetch what was issued some minutes later.
   */
  judge(missed: readonly MissedSvid[], ledger: LedgerView, judged: Judged): ReadonlySet<string> {
    const candidates = missed.filter((one) => one.missed.isUnissued || this.#explained.has(one.facts.key))
    const byIssuer = Map.groupBy(candidates, issuerOf)
    byIssuer.delete('')
    const requests = byIssuer.size === 0 ? undefined : Map.groupBy(ledger.requestCounts(), ({ issuer }) => issuer)
    const issuers = byIssuer.size === 0 ? undefined : Map.groupBy(ledger.issuers(), ({ issuer }) => issuer)
    for (const issuer of this.#outages.keys()) if (!byIssuer.has(issuer)) this.#outages.delete(issuer)
    for (const [issuer, svids] of byIssuer) {
      const lastIssuedMs = lastIssuedOf(issuers?.get(issuer) ?? [])
      const outage = this.#outage(issuer, isDown(svids, lastIssuedMs, requests?.get(issuer) ?? []), svids)
      if (outage) judged(downJudgement(issuer, outage, svids, lastIssuedMs))
    }
    const explained = candidates.filter((one) => this.#outages.has(issuerOf(one)))
    this.#explained = new Set(explained.map(({ facts }) => facts.key))
    return this.#explained
  }

  #outage(issuer: string, isDownNow: boolean, svids: readonly MissedSvid[]): Outage | undefined {
    const before = this.#outages.get(issuer)
    const outage = isDownNow
      ? { sinceMs: before?.sinceMs ?? firstDueMs(svids), backMs: undefined }
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

/**
 * Reports whether an issuer is down: several renewals were missed, requests wait or fail, and nothing was issued since the last of
 * these renewals was due. An issuer that works has issued SVIDs to others by then.
 */
function isDown(missed: readonly MissedSvid[], lastIssuedMs: number, requests: readonly RequestCount[]): boolean {
  const svids = missed.filter((one) => one.missed.isUnissued)
  if (svids.length < thresholds.minUnissued) return false
  let [lastDueMs, lastMissedMs] = [-Infinity, -Infinity]
  for (const { missed } of svids) {
    lastDueMs = Math.max(lastDueMs, missed.copy.renewalDueMs)
    lastMissedMs = Math.max(lastMissedMs, missed.sinceMs)
  }
  return lastIssuedMs < lastDueMs && (svids.some(hasAsked) || requests.some(isUnanswered(lastMissedMs)))
}

const issuerOf = ({ missed }: MissedSvid): string => missed.copy.labels.issuer

/** A request that was made after the renewal was due. */
const hasAsked = ({ facts: { requested }, missed }: MissedSvid): boolean =>
  requested !== undefined && requested.createdMs >= missed.copy.renewalDueMs

const isUnanswered =
  (lastMissedMs: number) =>
  ({ state, oldestMs = Infinity }: RequestCount): boolean =>
    state === 'denied' || state === 'failed' || oldestMs < lastMissedMs

const lastIssuedOf = (views: readonly IssuerView[]): number =>
  views.reduce((last, { lastIssuedMs }) => Math.max(last, lastIssuedMs), -Infinity)

const firstDueMs = (svids: readonly MissedSvid[]): number =>
  svids.reduce((first, { missed }) => Math.min(first, missed.copy.renewalDueMs), Infinity)

function downJudgement(issuer: string, outage: Outage, svids: readonly MissedSvid[], lastIssuedMs: number): Judgement {
  const first = firstToExpire(svids)
  const asked = svids.find(({ facts }) => facts.requested !== undefined)?.facts.requested
  const isUnapproved = asked?.state === 'denied' || asked?.reason === 'awaiting_approval'
  return {
    code: 'issuer_down',
    severity: 'critical',
    key: issuer,
    subject: { issuer },
    reason: asked?.reason ?? '',
    sinceMs: outage.sinceMs,
    ...(first[0] && { impactMs: first[0].missed.copy.svid.notAfterMs }),
    evidence: downEvidence(svids, first, lastIssuedMs, asked?.message),
    remedy: isUnapproved ? 'approver' : 'issuer',
    explainedBy: '',
    muted: svids.every(({ facts }) => facts.muted),
  }
}

function downEvidence(
  svids: readonly MissedSvid[],
  first: readonly MissedSvid[],
  lastIssuedMs: number,
  message: string | undefined,
): Evidence {
  return {
    missed: svids.length,
    first: first.map(({ missed: { copy } }) => `${nameOf(copy.labels)} (${rfc3339(copy.svid.notAfterMs)})`).join(', '),
    ...(Number.isFinite(lastIssuedMs) && { lastIssuedMs }),
    ...(message && { message }),
  }
}

const nameOf = ({ namespace, pod, file }: { namespace: string; pod: string; file: string }): string =>
  file === '' ? `${namespace}/${pod}` : file

/** Returns the SVIDs that expire first, in one pass: there may be 100,000. */
function firstToExpire(svids: readonly MissedSvid[]): readonly MissedSvid[] {
  const first: MissedSvid[] = []
  for (const svid of svids) {
    const index = first.findIndex((other) => endOf(svid) < endOf(other))
    if (index === -1) first.push(svid)
    else first.splice(index, 0, svid)
    if (first.length > namedFirst) first.pop()
  }
  return first
}

const endOf = ({ missed }: MissedSvid): number => missed.copy.svid.notAfterMs
