import type { Clock } from '../../clock.ts'
import { storedTotalsLength } from './checkpoint.ts'
import type { RequestObservation } from './observations.ts'
import type { FailureReason } from './reasons.ts'
import { observe, type DurationName, type IssuerTotals, type Totals } from './totals.ts'

/** When the steps of a request were seen, ms since the Unix epoch; what was not seen live is undefined. */
export interface Seen {
  readonly createdMs?: number
  readonly approvedMs?: number
  readonly concludedMs?: number
}

/** All totals together take no more characters in the checkpoint: about 300 issuers. */
const maxTotalsLength = 360_000

/** An issuer that has ended no request for so long leaves its place to a new one. */
const unusedMs = 24 * 60 * 60_000

/**
 * Counts how CertificateRequests end. Their labels are bounded although anyone who may create a request chooses what it names:
 * an issuer is named only with a trust domain for which it has issued an SVID, and a trust domain only where one was issued in
 * it; before that, and where there is no room for more of them, they are ''.
 */
export class Attestations {
  readonly #clock: Clock
  readonly #totals: Totals
  readonly #limit: number

  constructor(clock: Clock, totals: Totals, limit: number) {
    this.#clock = clock
    this.#totals = totals
    this.#limit = limit
    this.resume()
  }

  /** Goes on from restored totals. */
  resume(): void {
    this.#totals.of('', '')
  }

  /** Learns the trust domain and the issuer of an issued request, so that their series begin at zero. */
  know(request: RequestObservation): void {
    if (request.state === 'issued' && request.svid) this.#prove(request.trustDomain, request.issuer)
  }

  /** Counts a concluded request. */
  count(request: RequestObservation, seen: Seen = {}): void {
    this.know(request)
    const totals = this.#totalsOf(request)
    totals.usedMs = this.#clock.now()
    if (request.annotationLies) totals.identityMismatches += 1
    const { createdMs, approvedMs, concludedMs } = request
    this.#observe(totals, 'approvalDuration', createdMs, approvedMs, seen.createdMs, seen.approvedMs)
    if (request.state !== 'issued') {
      totals.attestationFailure[request.reason as FailureReason] += 1
      return
    }
    totals.attestationSuccess += 1
    this.#observe(totals, 'signingDuration', approvedMs, concludedMs, seen.approvedMs, seen.concludedMs)
    this.#observe(totals, 'renewalDuration', createdMs, concludedMs, seen.createdMs, seen.concludedMs)
  }

  /**
   * The object's timestamps have a resolution of 1 s, so their difference is less than 1 s off. Where both steps were seen live
   * and that agrees, it is the finer figure; otherwise the difference counts, from 1 s up.
   */
  #observe(
    totals: IssuerTotals,
    name: DurationName,
    fromMs: number | undefined,
    toMs: number | undefined,
    seenFromMs: number | undefined,
    seenToMs: number | undefined,
  ): void {
    if (fromMs === undefined || toMs === undefined) return
    const stampedMs = toMs - fromMs
    const seenMs = seenFromMs === undefined || seenToMs === undefined ? NaN : seenToMs - seenFromMs
    const agrees = Math.abs(seenMs - stampedMs) <= 1000
    observe(totals[name], (agrees ? Math.max(seenMs, 0) : Math.max(stampedMs, 1000)) / 1000)
  }

  #totalsOf({ trustDomain, issuer }: RequestObservation): IssuerTotals {
    const totals = this.#totals
    return totals.known(trustDomain, issuer) ?? totals.known(trustDomain, '') ?? totals.of('', '')
  }

  #prove(trustDomain: string, issuer: string): void {
    if (this.#totals.known(trustDomain, issuer) || !this.#hasRoomFor(trustDomain, issuer)) return
    // Where what issuers that have proven nothing do is counted.
    this.#totals.of(trustDomain, '')
    this.#totals.of(trustDomain, issuer).usedMs = this.#clock.now()
  }

  /**
   * Makes room where it can: issuers that were not used for long go, the longest unused first. Where all of them together leave
   * too little room, none goes.
   */
  #hasRoomFor(trustDomain: string, issuer: string): boolean {
    const all = [...this.#totals.all()]
    const overMs = this.#clock.now() - unusedMs
    const unused = named(all)
      .filter(({ usedMs }) => usedMs <= overMs)
      .sort((a, b) => b.usedMs - a.usedMs)
    const needed = storedTotalsLength(trustDomain, issuer) + storedTotalsLength(trustDomain, '')
    const leaving = new Set<IssuerTotals>()
    while (!this.#fits(without(all, leaving, trustDomain), needed)) {
      const next = unused.pop()
      if (next === undefined) return false
      leaving.add(next)
    }
    const staying = new Set(without(all, leaving, trustDomain))
    for (const one of all) if (!staying.has(one)) this.#totals.delete(one)
    return true
  }

  /** Reports whether one more issuer, of `needed` characters, fits beside all these. */
  #fits(all: readonly IssuerTotals[], needed: number): boolean {
    const length = all.reduce((sum, one) => sum + storedTotalsLength(one.trustDomain, one.issuer), 0)
    return named(all).length < this.#limit && length + needed <= maxTotalsLength
  }
}

const named = (all: readonly IssuerTotals[]): readonly IssuerTotals[] => all.filter(({ issuer }) => issuer !== '')

/** What stays when issuers leave. A trust domain leaves with its last issuer, except `trustDomain`, which gets a new one. */
function without(
  all: readonly IssuerTotals[],
  leaving: ReadonlySet<IssuerTotals>,
  trustDomain: string,
): readonly IssuerTotals[] {
  const staying = all.filter((one) => !leaving.has(one))
  const domains = new Set(['', trustDomain, ...named(staying).map((one) => one.trustDomain)])
  return staying.filter((one) => domains.has(one.trustDomain))
}
