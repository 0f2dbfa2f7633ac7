import type { RequestObservation } from './observations.ts'
import { failureReasons, type FailureReason } from './reasons.ts'
import type { Totals } from './totals.ts'
import { totalsShape, type TotalName } from './view.ts'

/** When the steps of a request were seen, ms since the Unix epoch; what was not seen live is undefined. */
export interface Seen {
  readonly createdMs?: number
  readonly approvedMs?: number
  readonly concludedMs?: number
}

/** The method label of what cert-manager attests. */
const method = 'cert-manager'

/**
 * Counts how CertificateRequests end. Their labels are bounded although anyone who may create a request chooses what it names:
 * an issuer is named only with a trust domain for which it has issued an SVID, and a trust domain only where one was issued in
 * it; before that, and beyond `limit` of them, they are ''.
 */
export class Attestations {
  readonly #totals: Totals
  readonly #limit: number
  readonly #proven = new Set<string>()
  readonly #provenTrustDomains = new Set<string>()

  constructor(totals: Totals, limit: number) {
    this.#totals = totals
    this.#limit = limit
    this.#declare('', '')
  }

  /** Takes the issuers of restored totals for proven; what was zero begins at zero again. */
  resume(): void {
    this.#declare('', '')
    for (const total of Object.values(this.#totals.snapshot()).flat())
      if (total.labels[1]) this.#prove(total.labels[0] ?? '', total.labels[1])
  }

  /** Learns the trust domain and the issuer of an issued request, so that their series begin at zero. */
  know(request: RequestObservation): void {
    if (request.state === 'issued' && request.svid) this.#prove(request.trustDomain, request.issuer)
  }

  /** Counts a concluded request. */
  count(request: RequestObservation, seen: Seen = {}): void {
    this.know(request)
    const pair = this.#labels(request)
    if (request.annotationLies) this.#totals.increment('identityMismatches', pair)
    this.#observe('approvalDuration', pair, request.createdMs, request.approvedMs, seen.createdMs, seen.approvedMs)
    if (request.state !== 'issued') {
      this.#totals.increment('attestationFailure', [...pair, method, request.reason])
      return
    }
    this.#totals.increment('attestationSuccess', [...pair, method])
    this.#observe('signingDuration', pair, request.approvedMs, request.concludedMs, seen.approvedMs, seen.concludedMs)
    this.#observe('renewalDuration', pair, request.createdMs, request.concludedMs, seen.createdMs, seen.concludedMs)
  }

  /**
   * The object's timestamps have a resolution of 1 s, so their difference is less than 1 s off. Where both steps were seen live
   * and that agrees, it is the finer figure; otherwise the difference counts, from 1 s up.
   */
  #observe(
    name: TotalName,
    pair: readonly string[],
    fromMs: number | undefined,
    toMs: number | undefined,
    seenFromMs: number | undefined,
    seenToMs: number | undefined,
  ): void {
    if (fromMs === undefined || toMs === undefined) return
    const stampedMs = toMs - fromMs
    const seenMs = seenFromMs === undefined || seenToMs === undefined ? NaN : seenToMs - seenFromMs
    const agrees = Math.abs(seenMs - stampedMs) <= 1000
    this.#totals.observe(name, pair, (agrees ? Math.max(seenMs, 0) : Math.max(stampedMs, 1000)) / 1000)
  }

  #labels({ trustDomain, issuer }: RequestObservation): [trustDomain: string, issuer: string] {
    if (this.#proven.has(`${trustDomain}\0${issuer}`)) return [trustDomain, issuer]
    return [this.#provenTrustDomains.has(trustDomain) ? trustDomain : '', '']
  }

  #prove(trustDomain: string, issuer: string): void {
    const key = `${trustDomain}\0${issuer}`
    if (this.#proven.has(key) || this.#proven.size >= this.#limit) return
    this.#proven.add(key)
    this.#provenTrustDomains.add(trustDomain)
    // Where what issuers that have proven nothing do is counted.
    this.#declare(trustDomain, '')
    this.#declare(trustDomain, issuer)
  }

  #declare(...pair: [trustDomain: string, issuer: string]): void {
    for (const name of Object.keys(totalsShape) as TotalName[])
      if (name === 'attestationFailure')
        for (const reason of failureReasons satisfies FailureReason[])
          this.#totals.declare(name, [...pair, method, reason])
      else this.#totals.declare(name, name === 'attestationSuccess' ? [...pair, method] : pair)
  }
}
