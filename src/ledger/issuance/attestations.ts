import type { Clock } from '../../clock.ts'
import { Deliveries } from './deliveries.ts'
import { Lately } from './lately.ts'
import type { RequestObservation } from './observations.ts'
import type { ProvenIssuers } from './provenIssuers.ts'
import type { FailureReason } from './reasons.ts'
import { observe, type IssuerTotals, type Totals } from './totals.ts'
import type { CountedAs, RequestedFor, StepSeconds, StepTimes } from './view.ts'

/** What was counted of a request that has ended. */
export interface Counted {
  readonly seconds: StepSeconds
  readonly countedAs: CountedAs
}

/**
 * Counts how CertificateRequests end. The labels are bounded, although anyone who may create a request chooses the names in it.
 * An issuer is named only if it has issued an SVID, and a trust domain only if an SVID was issued in it. What an issuer refuses for a
 * trust domain in which it has issued nothing is counted for the issuer, without the trust domain. Where a name is not proven or there
 * is no room for it, the label is ''.
 */
export class Attestations {
  readonly #clock: Clock
  readonly #totals: Totals
  readonly #issuers: ProvenIssuers
  readonly lately: Lately
  readonly deliveries: Deliveries

  constructor(clock: Clock, totals: Totals, issuers: ProvenIssuers) {
    this.#clock = clock
    this.#totals = totals
    this.#issuers = issuers
    this.lately = new Lately(clock, totals)
    this.deliveries = new Deliveries(totals)
  }

  /** Registers the names in an issued request, so that their series begin at zero. */
  register(request: RequestObservation): void {
    if (request.state === 'issued' && request.svid) this.#issuers.issued(request)
  }

  count(request: RequestObservation, seen: StepTimes = {}, workload: RequestedFor = {}): Counted {
    this.register(request)
    const totals = this.#totalsOf(request)
    totals.usedMs = this.#clock.now()
    if (request.annotationLies) {
      totals.identityMismatches += 1
      this.lately.mismatched(totals, request)
    }
    const seconds = stepSeconds(request, seen, workload)
    if (seconds.approval !== undefined) observe(totals.approvalDuration, seconds.approval)
    if (request.state === 'issued') this.#countIssued(totals, seconds)
    else totals.attestationFailure[request.reason as FailureReason] += 1
    return { seconds, countedAs: namesOf(totals) }
  }

  /** An SVID took this long to be mounted after it was issued. Returns the names under which that is counted. */
  mounted(names: Pick<RequestObservation, 'trustDomain' | 'issuer'>, seconds: number): CountedAs {
    const totals = this.#totalsOf({ ...names, state: 'issued' })
    this.deliveries.took(totals, 'mount', seconds)
    return namesOf(totals)
  }

  #countIssued(totals: IssuerTotals, { signing, renewal, firstSvid }: StepSeconds): void {
    totals.attestationSuccess += 1
    if (signing !== undefined) observe(totals.signingDuration, signing)
    if (firstSvid !== undefined) this.deliveries.took(totals, 'firstSvid', firstSvid)
    if (renewal === undefined) return
    observe(totals.renewalDuration, renewal)
    this.lately.renewed(totals, renewal)
  }

  #totalsOf({
    trustDomain,
    issuer,
    state,
  }: Pick<RequestObservation, 'trustDomain' | 'issuer' | 'state'>): IssuerTotals {
    const totals = this.#totals
    return (
      totals.find(trustDomain, issuer) ??
      (state === 'issued' ? undefined : totals.find('', issuer)) ??
      totals.find(trustDomain, '') ??
      totals.findOrAdd('', '')
    )
  }
}

const namesOf = ({ trustDomain, issuer }: IssuerTotals): CountedAs => ({ trustDomain, issuer })

/** Returns how long the steps of a request took. Only an issued request was signed. */
function stepSeconds(request: RequestObservation, seen: StepTimes, workload: RequestedFor): StepSeconds {
  const { createdMs, approvedMs, concludedMs, state } = request
  const approval = secondsBetween(createdMs, approvedMs, seen.createdMs, seen.approvedMs)
  const approved = approval === undefined ? {} : { approval }
  if (state !== 'issued') return approved
  const { isRenewal, podStartedMs } = workload
  const signing = secondsBetween(approvedMs, concludedMs, seen.approvedMs, seen.concludedMs)
  const renewal = secondsBetween(createdMs, concludedMs, seen.createdMs, seen.concludedMs)
  const firstSvid = isRenewal === false ? secondsBetween(podStartedMs, concludedMs) : undefined
  return {
    ...approved,
    ...(signing !== undefined && { signing }),
    ...(renewal !== undefined && { renewal }),
    ...(firstSvid !== undefined && { firstSvid }),
  }
}

/**
 * Returns the duration of a step; undefined if it is not known. The object's timestamps have a resolution of 1 s, so their
 * difference is off by less than 1 s. If both ends of the step were seen live, and the time between them agrees, that time is
 * returned, because it is finer. Otherwise the difference is returned, but at least 1 s.
 */
export function secondsBetween(
  fromMs: number | undefined,
  toMs: number | undefined,
  seenFromMs?: number,
  seenToMs?: number,
): number | undefined {
  if (fromMs === undefined || toMs === undefined) return undefined
  const stampedMs = toMs - fromMs
  const seenMs = seenFromMs === undefined || seenToMs === undefined ? NaN : seenToMs - seenFromMs
  const agrees = Math.abs(seenMs - stampedMs) <= 1000
  return (agrees ? Math.max(seenMs, 0) : Math.max(stampedMs, 1000)) / 1000
}
