import { instantOf, type Clock, type Instant } from '../../clock.ts'
import type { IssuerView } from '../issuance/view.ts'
import { isDetached } from '../workloads/compared/drift.ts'
import type { CopyFacts } from '../workloads/compared/copyFacts.ts'
import type { SvidFacts } from '../workloads/compared/facts.ts'
import { DomainTally } from './domainTally.ts'
import { domainView } from './domainView.ts'
import { Sightings } from './sightings.ts'
import type { BundleCopiesView, TrustView } from './view.ts'

/** More trust domains than a cluster has. What comes on top of that is left out. */
const maxTrustDomains = 256

/** TrustTally learns who holds which authorities, and who would refuse whom, in each walk over all SVIDs. */
export class TrustTally {
  readonly #clock: Clock
  readonly #sightings = new Sightings()
  #domains = new Map<string, DomainTally>()
  #now: Instant
  #keepsNames = false
  #last: { readonly trustDomain: string; readonly tally: DomainTally | undefined } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
    this.#now = instantOf(clock)
  }

  /** Begins another walk. Names of volumes are kept only if they are needed, because that takes time for each. */
  begin(keepsNames: boolean): void {
    this.#keepsNames = keepsNames
    this.#domains = new Map()
    this.#last = undefined
    this.#now = instantOf(this.#clock)
  }

  /** Takes one SVID: what its containers have and what its server presents count, each with the bundle beside it. */
  add(facts: SvidFacts): void {
    const { bundle, bundleKnownMs, refused } = facts
    const used = usedCopy(facts)
    const served = servedAlone(facts, used)
    if (used) {
      const domain = this.#domain(used.svid.trustDomain)
      domain?.addSvid(used, true)
      if (bundle) domain?.addVolume(bundle, used, facts.node, bundleKnownMs, this.#keepsNames)
    }
    if (served) this.#domain(served.svid.trustDomain)?.addSvid(served, isConfigured(facts))
    if (refused?.reason !== 'unknown_authority' || (refused.copy === facts.served && !served)) return
    this.#domain(refused.copy.svid.trustDomain)?.addOwnRefused(facts)
  }

  /** Ends the walk, and returns what is known of each trust domain. */
  conclude(copies: readonly BundleCopiesView[], issuers: Iterable<IssuerView>): TrustView {
    for (const [trustDomain, tally] of this.#domains)
      tally.forgetUnproven((keyId) => this.#sightings.hadAuthority(trustDomain, keyId))
    this.#associate(copies)
    this.#sightings.forgetOthers(new Set(this.#domains.keys()), new Set(copies.map(({ name }) => name)))
    const bundles = copies.map((one) => ({ ...one, trustDomains: this.#sightings.trustDomainsOf(one.name) }))
    const signing = Map.groupBy(issuers, ({ trust_domain }) => trust_domain)
    const domains = Array.from(this.#domains, ([trustDomain, tally]) =>
      domainView(tally, {
        trustDomain,
        copies: bundles.filter(({ trustDomains }) => trustDomains.includes(trustDomain)),
        signing: new Set(signing.get(trustDomain)?.flatMap(({ authorityKeyId }) => authorityKeyId ?? [])),
        sightings: this.#sightings,
        now: this.#now,
      }),
    )
    return { domains, bundles }
  }

  /** A bundle belongs to the trust domains whose SVIDs an authority of it has signed, as most of its copies are: one may be made up. */
  #associate(copies: readonly BundleCopiesView[]): void {
    for (const { name, bundle } of copies)
      for (const [trustDomain, { signed }] of this.#domains)
        if (bundle && bundle.authorities.some(({ keyId }) => signed.has(keyId)))
          this.#sightings.belongs(name, trustDomain)
  }

  /** Nearly all SVIDs are of the trust domain that the one before was of. */
  #domain(trustDomain: string): DomainTally | undefined {
    if (this.#last?.trustDomain === trustDomain) return this.#last.tally
    const known = this.#domains.get(trustDomain)
    const tally = known ?? (this.#domains.size < maxTrustDomains ? new DomainTally() : undefined)
    if (tally && !known) this.#domains.set(trustDomain, tally)
    this.#last = { trustDomain, tally }
    return tally
  }
}

/** Reports whether a server presents it that the settings name, and that peers accept. */
const isConfigured = ({ labels, refused }: SvidFacts): boolean => labels.pod === '' && refused === undefined

/** Returns what the workload has in its files. What is on the host does not count if containers have an earlier mount. */
const usedCopy = ({ mounted, held, drifts }: SvidFacts): CopyFacts | undefined =>
  held ?? (isDetached(drifts) ? undefined : mounted)

/** Returns what a server presents that is not in the files. */
function servedAlone({ served, mounted }: SvidFacts, used: CopyFacts | undefined): CopyFacts | undefined {
  if (served === undefined) return undefined
  const { fingerprint } = served.svid
  return fingerprint === used?.svid.fingerprint || fingerprint === mounted?.svid.fingerprint ? undefined : served
}
