import type { X509Svid } from '../../identity/x509Svid.ts'
import type { RequestObservation } from './observations.ts'
import type { NamedIssuers } from './requestCounts.ts'
import type { IssuerView } from './view.ts'

interface Issuer {
  /** The notBefore of its newest SVID, ms since the Unix epoch. */
  readonly notBeforeMs: number
  /** When the issuer may be forgotten, ms since the Unix epoch. */
  readonly endsMs: number
  readonly view: IssuerView
}

/**
 * Issuers knows who issues SVIDs, when each issuer last did, and the chain behind its newest SVID. An issuer stays known when the
 * request of that SVID is gone, because that is so while the issuer fails to renew. Issuers beyond the limit are left out.
 */
export class Issuers {
  readonly #limit: number
  /** The issuers that requests name at present. */
  readonly #named: NamedIssuers
  readonly #known = new Map<string, Issuer>()

  constructor(limit: number, named: NamedIssuers) {
    this.#limit = limit
    this.#named = named
  }

  issued(request: RequestObservation, nowMs: number): void {
    const { svid, issuer } = request
    if (svid === undefined) return
    const key = `${svid.trustDomain}\0${issuer}`
    const known = this.#known.get(key)
    if (known === undefined && this.#known.size >= this.#limit) this.forgetOld(nowMs)
    if (known !== undefined || this.#known.size < this.#limit) this.#known.set(key, afterIssuing(known, request, svid))
  }

  /** Forgets the issuers that no request names and whose chain has expired. */
  forgetOld(nowMs: number): void {
    for (const [key, { view, endsMs }] of this.#known)
      if (endsMs < nowMs && !this.#named.has(view.issuer)) this.#known.delete(key)
  }

  /** Returns the issuers that requests name at present. */
  *all(): Iterable<IssuerView> {
    for (const { view } of this.#known.values()) if (this.#named.has(view.issuer)) yield view
  }
}

function afterIssuing(known: Issuer | undefined, request: RequestObservation, svid: X509Svid): Issuer {
  const { issuer, createdMs, concludedMs = createdMs } = request
  const { trustDomain, notBeforeMs, notAfterMs, chain } = svid
  const lastIssuedMs = Math.max(concludedMs, known?.view.lastIssuedMs ?? -Infinity)
  if (known && known.notBeforeMs >= notBeforeMs) return { ...known, view: { ...known.view, lastIssuedMs } }
  const view = { trust_domain: trustDomain, issuer, lastIssuedMs, chain }
  return { notBeforeMs, endsMs: chain?.notAfterMs ?? notAfterMs, view }
}
