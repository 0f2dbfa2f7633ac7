import type { X509Svid } from '../../identity/x509Svid.ts'
import type { RequestObservation } from './observations.ts'
import type { NamedIssuers } from './namedIssuers.ts'
import { Shares, unusedMs } from './shares.ts'
import type { IssuerView } from './view.ts'
import { WithoutPlace } from './withoutPlace.ts'

interface Issuer {
  /** The notBefore of its newest SVID, ms since the Unix epoch. */
  readonly notBeforeMs: number
  readonly view: IssuerView
}

/**
 * Issuers knows who issues SVIDs, when each issuer last did, and the chain behind its newest SVID. A namespace uses an issuer while a
 * request in it names the issuer, and for a day after that; an issuer that no namespace uses is forgotten. The places are divided between the namespaces that use the issuers; an issuer that has no
 * place is left out.
 */
export class Issuers {
  readonly #limit: number
  /** The issuers that requests name at present. */
  readonly #named: NamedIssuers
  readonly #known = new Map<string, Issuer>()
  readonly #shares = new Shares()
  readonly #withoutPlace: WithoutPlace

  constructor(limit: number, named: NamedIssuers) {
    this.#limit = limit
    this.#named = named
    this.#withoutPlace = new WithoutPlace(limit)
  }

  /** The number of issuers that have no place, up to the limit of those that have one. */
  get withoutPlace(): number {
    return this.#withoutPlace.count
  }

  issued(request: RequestObservation, nowMs: number): void {
    const { svid, issuer, namespace } = request
    if (svid === undefined) return
    const key = keyOf(svid.trustDomain, issuer)
    const known = this.#known.get(key)
    if (known === undefined && !this.#makeRoom(namespace, nowMs)) return this.#withoutPlace.add(key, nowMs)
    this.#withoutPlace.delete(key)
    this.#shares.use(key, namespace, nowMs)
    this.#known.set(key, afterIssuing(known, request, svid))
  }

  /** Forgets the issuers that no namespace uses. */
  forgetOld(nowMs: number): void {
    const sinceMs = nowMs - unusedMs
    const isNamed = (key: string, namespace?: string) => this.#named.has(issuerIn(key), namespace)
    for (const key of this.#shares.forget(sinceMs, nowMs, isNamed)) this.#known.delete(key)
    this.#withoutPlace.forget(sinceMs, isNamed)
  }

  /** Returns the issuers that requests name at present. */
  *all(): Iterable<IssuerView> {
    for (const { view } of this.#known.values()) if (this.#named.has(view.issuer)) yield view
  }

  /** Makes room for one more issuer if a namespace that uses more has to give way. Reports whether there is room. */
  #makeRoom(namespace: string, nowMs: number): boolean {
    if (this.#known.size < this.#limit) return true
    for (const key of this.#shares.displaceable(namespace)) {
      this.#shares.delete(key)
      this.#known.delete(key)
      this.#withoutPlace.add(key, nowMs)
      return true
    }
    return false
  }
}

const keyOf = (trustDomain: string, issuer: string): string => `${trustDomain}\0${issuer}`

const issuerIn = (key: string): string => key.slice(key.indexOf('\0') + 1)

function afterIssuing(known: Issuer | undefined, request: RequestObservation, svid: X509Svid): Issuer {
  const { issuer, createdMs, concludedMs = createdMs, authorityKeyId } = request
  const { trustDomain, notBeforeMs, chain } = svid
  const lastIssuedMs = Math.max(concludedMs, known?.view.lastIssuedMs ?? -Infinity)
  if (known && known.notBeforeMs >= notBeforeMs) return { ...known, view: { ...known.view, lastIssuedMs } }
  return { notBeforeMs, view: { trust_domain: trustDomain, issuer, lastIssuedMs, chain, authorityKeyId } }
}
