import type { Clock } from '../../clock.ts'
import { storedTotalsLength } from './checkpoint.ts'
import { Lately } from './lately.ts'
import type { RequestObservation } from './observations.ts'
import type { FailureReason } from './reasons.ts'
import { observe, type IssuerTotals, type Totals } from './totals.ts'
import type { StepTimes } from './view.ts'

/** The most characters that all totals together take in the checkpoint: 170 to 350 issuers, by the length of names. */
const maxTotalsLength = 360_000

/** An issuer that is unused for this long gives its place to a new one. */
const unusedMs = 24 * 60 * 60_000

/**
 * Counts how CertificateRequests end. The labels are bounded, although anyone who may create a request chooses the names in it.
 * An issuer is named only if it has issued an SVID, and a trust domain only if an SVID was issued in it. What an issuer refuses for a
 * trust domain in which it has issued nothing is counted for the issuer, without the trust domain. Where a name is not proven or there
 * is no room for it, the label is ''.
 */
export class Attestations {
  readonly #clock: Clock
  readonly #totals: Totals
  readonly #limit: number
  readonly lately: Lately

  constructor(clock: Clock, totals: Totals, limit: number) {
    this.#clock = clock
    this.#totals = totals
    this.#limit = limit
    this.lately = new Lately(clock, totals)
    this.resume()
  }

  /** Continues from restored totals. */
  resume(): void {
    this.#totals.findOrAdd('', '')
    this.#registerAnywhere(this.provenIssuers())
  }

  /** Returns the issuers that have issued an SVID, now or before a restart: no more than the limit. */
  provenIssuers(): ReadonlySet<string> {
    return new Set(proven([...this.#totals.all()]).map(({ issuer }) => issuer))
  }

  /** Registers the names in an issued request, so that their series begin at zero. */
  register(request: RequestObservation): void {
    if (request.state === 'issued' && request.svid) this.#prove(request.trustDomain, request.issuer)
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

  #prove(trustDomain: string, issuer: string): void {
    if (this.#totals.find(trustDomain, issuer) || !this.#makeRoomFor(trustDomain, issuer)) return
    // Counts the requests to issuers that have not issued in this trust domain.
    this.#totals.findOrAdd(trustDomain, '')
    this.#totals.findOrAdd(trustDomain, issuer).usedMs = this.#clock.now()
    this.#registerAnywhere([issuer])
  }

  /** Registers issuers for the trust domains in which they have issued nothing, if there is room without removing any other totals. */
  #registerAnywhere(issuers: Iterable<string>): void {
    let length = lengthOf([...this.#totals.all()])
    for (const issuer of issuers) {
      if (this.#totals.find('', issuer)) continue
      length += storedTotalsLength('', issuer)
      if (length > maxTotalsLength) return
      this.#totals.findOrAdd('', issuer)
    }
  }

  /**
   * Reports whether there is room for the issuer, after removing unused issuers if needed, the longest unused first. Removes none
   * if that is not enough.
   */
  #makeRoomFor(trustDomain: string, issuer: string): boolean {
    const all = [...this.#totals.all()]
    const overMs = this.#clock.now() - unusedMs
    const unused = named(all)
      .filter(({ usedMs }) => usedMs <= overMs)
      .sort((a, b) => b.usedMs - a.usedMs)
    const [issuers, spare] = [unused.filter(isProven), unused.filter((one) => !isProven(one))]
    const needed = storedTotalsLength(trustDomain, issuer) + storedTotalsLength(trustDomain, '')
    const leaving = new Set<IssuerTotals>()
    for (;;) {
      const staying = without(all, leaving, trustDomain)
      const hasPlace = proven(staying).length < this.#limit
      if (hasPlace && lengthOf(staying) + needed <= maxTotalsLength) break
      const next = (hasPlace ? spare.pop() : undefined) ?? issuers.pop()
      if (next === undefined) return false
      leaving.add(next)
    }
    const staying = new Set(without(all, leaving, trustDomain))
    for (const one of all) if (!staying.has(one)) this.#totals.delete(one)
    return true
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

/** Returns how many characters the totals take at most when they are stored. */
const lengthOf = (all: readonly IssuerTotals[]): number =>
  all.reduce((sum, one) => sum + storedTotalsLength(one.trustDomain, one.issuer), 0)

const named = (all: readonly IssuerTotals[]): readonly IssuerTotals[] => all.filter(({ issuer }) => issuer !== '')

/** Reports whether the totals are those of an issuer in a trust domain in which it has issued. */
const isProven = ({ trustDomain, issuer }: IssuerTotals): boolean => issuer !== '' && trustDomain !== ''

const proven = (all: readonly IssuerTotals[]): readonly IssuerTotals[] => all.filter(isProven)

/**
 * Returns the totals that stay. A trust domain leaves with its last issuer, except `trustDomain`, which gets a new one. What an issuer
 * never did for other trust domains leaves with its last trust domain.
 */
function without(
  all: readonly IssuerTotals[],
  leaving: ReadonlySet<IssuerTotals>,
  trustDomain: string,
): readonly IssuerTotals[] {
  const staying = all.filter((one) => !leaving.has(one))
  const domains = new Set(['', trustDomain, ...proven(staying).map((one) => one.trustDomain)])
  const issuers = new Set(['', ...proven(staying).map((one) => one.issuer)])
  return staying.filter((one) => domains.has(one.trustDomain) && (one.usedMs > 0 || issuers.has(one.issuer)))
}
