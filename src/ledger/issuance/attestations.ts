import type { Clock } from '../../clock.ts'
import { Lately } from './lately.ts'
import type { RequestObservation } from './observations.ts'
import type { ProvenIssuers } from './provenIssuers.ts'
import type { FailureReason } from './reasons.ts'
import { observe, type IssuerTotals, type Totals } from './totals.ts'
import type { StepTimes } from './view.ts'

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

  constructor(clock: Clock, totals: Totals, issuers: ProvenIssuers) {
    this.#clock = clock
    this.#totals = totals
    this.#issuers = issuers
    this.lately = new Lately(clock, totals)
  }

  /** Registers the names in an issued request, so that their series begin at zero. */
  register(request: RequestObservation): void {
    if (request.state === 'issued' && request.svid) this.#issuers.issued(request)
  }

  count(request: RequestObservation, seen: StepTimes = {}): void {
    this.register(request)
    const totals = this.#totalsOf(request)
    totals.usedMs = this.#clock.now()
    if (request.annotationLies) {
      totals.identityMismatches += 1
      this.lately.mismatched(totals, request)
    }
    const { createdMs, approvedMs, concludedMs } = request
    const approvalSeconds = secondsBetween(createdMs, approvedMs, seen.createdMs, seen.approvedMs)
    if (approvalSeconds !== undefined) observe(totals.approvalDuration, approvalSeconds)
    if (request.state !== 'issued') {
      totals.attestationFailure[request.reason as FailureReason] += 1
      return
    }
    totals.attestationSuccess += 1
    const signingSeconds = secondsBetween(approvedMs, concludedMs, seen.approvedMs, seen.concludedMs)
    if (signingSeconds !== undefined) observe(totals.signingDuration, signingSeconds)
    const renewalSeconds = secondsBetween(createdMs, concludedMs, seen.createdMs, seen.concludedMs)
    if (renewalSeconds === undefined) return
    observe(totals.renewalDuration, renewalSeconds)
    this.lately.renewed(totals, renewalSeconds)
  }

  #totalsOf({ trustDomain, issuer, state }: RequestObservation): IssuerTotals {
    const totals = this.#totals
    return (
      totals.find(trustDomain, issuer) ??
      (state === 'issued' ? undefined : totals.find('', issuer)) ??
      totals.find(trustDomain, '') ??
      totals.findOrAdd('', '')
    )
  }
}

/**
 * Returns the duration of a step; undefined if it is not known. The object's timestamps have a resolution of 1 s, so their
 * difference is off by less than 1 s. If both ends of the step were seen live, and the time between them agrees, that time is
 * returned, because it is finer. Otherwise the difference is returned, but at least 1 s.
 */
function secondsBetween(
  fromMs: number | undefined,
  toMs: number | undefined,
  seenFromMs: number | undefined,
  seenToMs: number | undefined,
): number | undefined {
  if (fromMs === undefined || toMs === undefined) return undefined
  const stampedMs = toMs - fromMs
  const seenMs = seenFromMs === undefined || seenToMs === undefined ? NaN : seenToMs - seenFromMs
  const agrees = Math.abs(seenMs - stampedMs) <= 1000
  return (agrees ? Math.max(seenMs, 0) : Math.max(stampedMs, 1000)) / 1000
}
