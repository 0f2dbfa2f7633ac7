import type { Instant } from '../../clock.ts'
import type { TrustBundle } from '../../identity/trustBundle.ts'

/** The bundle of a node, and since when it has it, as far as this process has seen it, ms since the Unix epoch. */
export interface NodeBundle {
  readonly bundle: TrustBundle
  readonly sinceMs: number
}

/** The most trust domains that are remembered for one name of bundles. */
const maxTrustDomains = 16

/**
 * Sightings remembers since when this process has seen authorities and bundles, in the time of `Clock.monotonicMs`. A process that has just
 * begun has seen everything since then.
 */
export class Sightings {
  readonly #bundles = new WeakMap<TrustBundle, number>()
  /** By trust domain and key id, as of the last walk. */
  #authorities = new Map<string, ReadonlyMap<string, number>>()
  /** By trust domain and node, as of the last walk. */
  #nodes = new Map<string, ReadonlyMap<string, NodeBundle>>()
  /** By the name of the bundle. */
  readonly #trustDomains = new Map<string, Set<string>>()

  /** Returns since when a bundle has been seen anywhere. */
  bundleSince(bundle: TrustBundle, { monotonicMs }: Instant): number {
    const since = this.#bundles.get(bundle) ?? monotonicMs
    this.#bundles.set(bundle, since)
    return since
  }

  /** Reports whether SVIDs of an authority were seen in the last walk. */
  hadAuthority(trustDomain: string, keyId: string): boolean {
    return this.#authorities.get(trustDomain)?.has(keyId) ?? false
  }

  /** Returns since when SVIDs of each of these authorities have been seen without a gap. */
  authoritiesSince(trustDomain: string, keyIds: Iterable<string>, now: Instant): ReadonlyMap<string, number> {
    const before = this.#authorities.get(trustDomain)
    const after = new Map<string, number>()
    for (const keyId of keyIds) after.set(keyId, before?.get(keyId) ?? now.monotonicMs)
    this.#authorities.set(trustDomain, after)
    return after
  }

  /** Returns since when each node has had its bundle. */
  nodesSince(
    trustDomain: string,
    bundles: ReadonlyMap<string, TrustBundle>,
    now: Instant,
  ): ReadonlyMap<string, NodeBundle> {
    const before = this.#nodes.get(trustDomain)
    const after = new Map<string, NodeBundle>()
    for (const [node, bundle] of bundles) {
      const known = before?.get(node)
      after.set(node, known?.bundle === bundle ? known : { bundle, sinceMs: now.wallMs })
    }
    this.#nodes.set(trustDomain, after)
    return after
  }

  /** Remembers that an authority of the trust domain is in a copy of the bundle of that name. */
  belongs(name: string, trustDomain: string): void {
    const known = this.#trustDomains.get(name) ?? new Set()
    if (known.size < maxTrustDomains) this.#trustDomains.set(name, known.add(trustDomain))
  }

  /** Returns the trust domains to which the bundle of that name belongs, in alphabetical order. */
  trustDomainsOf(name: string): readonly string[] {
    return [...(this.#trustDomains.get(name) ?? [])].sort()
  }

  /** Forgets trust domains without SVIDs, and names without copies. */
  forgetOthers(trustDomains: ReadonlySet<string>, names: ReadonlySet<string>): void {
    for (const known of [this.#authorities, this.#nodes])
      for (const trustDomain of known.keys()) if (!trustDomains.has(trustDomain)) known.delete(trustDomain)
    for (const name of this.#trustDomains.keys()) if (!names.has(name)) this.#trustDomains.delete(name)
  }
}
