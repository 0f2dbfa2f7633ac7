import { hash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { X509Authority } from '../identity/x509Authority.ts'
import type { BundleView } from '../ledger/bundles/view.ts'
import { fingerprintsOf, isCut, isWithin } from '../ledger/trust/certificateSets.ts'
import type { BundleOfTrustDomains } from '../ledger/trust/view.ts'
import type { Judged } from './diagnosis.ts'
import { thresholds } from './thresholds.ts'

/** The certificates that an endpoint serves, and since when, as far as this process has seen it. */
interface Served {
  readonly fingerprints: ReadonlySet<string>
  readonly sinceMs: number
}

/** FederationSkew compares what bundle endpoints serve with the ConfigMaps of the same trust domain. */
export class FederationSkew {
  readonly #clock: Clock
  readonly #served = new Map<string, Served>()
  readonly #fingerprints = new WeakMap<X509Authority, string>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Judges one endpoint. A ConfigMap may have more than the endpoint serves. */
  judge(view: BundleView, bundles: readonly BundleOfTrustDomains[], judged: Judged): void {
    const { trustDomain, url } = view.endpoint
    const own = bundles.filter(({ trustDomains }) => trustDomains.includes(trustDomain))
    if (view.bundle === undefined || own.length === 0) return
    const served = this.#take(trustDomain, view.bundle.x509Authorities)
    for (const { name, bundle, changedMs } of own) {
      if (bundle === undefined || isCut(bundle)) continue
      const held = fingerprintsOf(bundle)
      if (isWithin(served.fingerprints, held)) continue
      const { growingMs, distributionMs } = thresholds.trust
      const sinceMs = Math.max(changedMs, served.sinceMs)
      const waitMs = isWithin(held, served.fingerprints) ? growingMs : distributionMs
      if (this.#clock.now() - sinceMs < waitMs) continue
      judged({
        code: 'bundle_skew',
        severity: 'warning',
        key: `federation ${trustDomain} ${name}`,
        subject: { trust_domain: trustDomain, bundle: name },
        reason: 'federation',
        sinceMs,
        evidence: { url, served: served.fingerprints.size, inCommon: held.intersection(served.fingerprints).size },
        remedy: 'bundle',
        explainedBy: '',
        muted: false,
      })
    }
  }

  #take(trustDomain: string, authorities: readonly X509Authority[]): Served {
    const fingerprints = new Set(authorities.map((authority) => this.#fingerprintOf(authority)))
    const known = this.#served.get(trustDomain)
    const isSame = known && isWithin(known.fingerprints, fingerprints) && isWithin(fingerprints, known.fingerprints)
    const served = isSame ? known : { fingerprints, sinceMs: this.#clock.now() }
    this.#served.set(trustDomain, served)
    return served
  }

  #fingerprintOf(authority: X509Authority): string {
    const known = this.#fingerprints.get(authority)
    if (known !== undefined) return known
    const fingerprint = hash('sha256', Buffer.from(authority.der, 'base64'))
    this.#fingerprints.set(authority, fingerprint)
    return fingerprint
  }
}
