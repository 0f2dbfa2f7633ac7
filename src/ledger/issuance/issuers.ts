import type { X509Svid } from '../../identity/x509Svid.ts'
import type { RequestObservation } from './observations.ts'
import type { NamedIssuers } from './requestCounts.ts'
import type { IssuerView } from './view.ts'

interface Issuer {
  /** When its newest SVID begins, and when there is no need to know it any more, ms since the Unix epoch. */
  readonly notBeforeMs: number
  readonly endsMs: number
  readonly view: IssuerView
}

/**
 * Who issues SVIDs, and when each did last. The chain is the one behind its newest SVID. All of it stays known when that SVID's
 * request is gone, as it is while an issuer fails to renew. What is beyond the limit of issuers is left out.
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

  /** Forgets issuers that no request names for longer than their chain lasts. */
  forgetOld(nowMs: number): void {
    for (const [key, { view, endsMs }] of this.#known)
      if (endsMs < nowMs && !this.#named.has(view.issuer)) this.#known.delete(key)
  }

  /** Those that requests name. */
  *all(): Iterable<IssuerView> {
    for (const { view } of this.#known.values()) if (this.#named.has(view.issuer)) yield view
  }
}

/** What is known of an issuer after it has issued one more. */
function afterIssuing(known: Issuer | undefined, request: RequestObservation, svid: X509Svid): Issuer {
  const { issuer, createdMs, concludedMs = createdMs } = request
  const { trustDomain, notBeforeMs, notAfterMs, chain } = svid
  const lastIssuedMs = Math.max(concludedMs, known?.view.lastIssuedMs ?? -Infinity)
  if (known && known.notBeforeMs >= notBeforeMs) return { ...known, view: { ...known.view, lastIssuedMs } }
  const view = { trust_domain: trustDomain, issuer, lastIssuedMs, chain }
  return { notBeforeMs, endsMs: chain?.notAfterMs ?? notAfterMs, view }
}
