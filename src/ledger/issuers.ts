import type { RequestObservation } from './observations.ts'
import type { IssuerView } from './view.ts'

interface Chain {
  readonly notBeforeMs: number
  readonly view: IssuerView
}

/**
 * The chains behind issuers: the newest SVID of each tells. It stays known when that SVID's request is gone, as it is while an
 * issuer fails to renew. What is beyond the limit of issuers is left out.
 */
export class Issuers {
  readonly #limit: number
  readonly #chains = new Map<string, Chain>()

  constructor(limit: number) {
    this.#limit = limit
  }

  issued({ svid, issuer }: RequestObservation): void {
    if (svid?.chainNotAfterMs === undefined) return
    const { trustDomain, notBeforeMs, chainNotAfterMs } = svid
    const key = `${trustDomain}\0${issuer}`
    const known = this.#chains.get(key)
    if (known === undefined ? this.#chains.size >= this.#limit : known.notBeforeMs >= notBeforeMs) return
    this.#chains.set(key, { notBeforeMs, view: { trust_domain: trustDomain, issuer, chainNotAfterMs } })
  }

  /** Of the issuers that are named by requests; one that no request names for longer than its chain lasts is forgotten. */
  *all(named: ReadonlySet<string>, nowMs: number): Iterable<IssuerView> {
    for (const [key, { view }] of this.#chains)
      if (named.has(view.issuer)) yield view
      else if (view.chainNotAfterMs < nowMs) this.#chains.delete(key)
  }
}
