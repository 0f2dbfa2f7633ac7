import type { Clock } from '../../clock.ts'
import type { SpiffeBundle } from '../../identity/spiffeBundle.ts'
import type { Followers } from '../changes.ts'
import { addReason, noReasons } from '../counts.ts'
import { Sights } from '../sight/sight.ts'
import type { BundleEndpointObservation, BundleStep } from './observations.ts'
import { bundleProblems, type BundleProblem } from './reasons.ts'
import { bundleOf, newerBundle, toRemember, type RememberedBundle } from './remembered.ts'
import type { BundleView } from './view.ts'

/** A bundle endpoint with its last good bundle. */
interface Endpoint {
  readonly configured: BundleEndpointObservation
  bundle: SpiffeBundle | undefined
  fetches: number
  readonly failures: Map<BundleProblem, number>
}

/** Bundles holds the bundle endpoints, and the bundles to remember over a restart, by trust domain. */
export class Bundles {
  readonly #clock: Clock
  readonly #sights: Sights<BundleProblem>
  readonly #endpoints = new Map<string, Endpoint>()
  readonly #remembered = new Map<string, RememberedBundle>()

  constructor(clock: Clock, followers: Followers) {
    this.#clock = clock
    this.#sights = new Sights('bundle', clock, followers)
  }

  take(step: BundleStep): void {
    switch (step.kind) {
      case 'bundleEndpoint':
        return this.#addEndpoint(step.endpoint)
      case 'bundle': {
        const { trustDomain, bundle, bootstrap } = step
        this.#fetched(this.#endpoint(trustDomain), bundle, bootstrap)
        return this.#sights.contact(trustDomain)
      }
      case 'bundleTrouble': {
        const { trustDomain, reason, detail } = step
        addReason(this.#endpoint(trustDomain).failures, reason)
        return this.#sights.lose(trustDomain, reason, detail)
      }
    }
  }

  /** Restores remembered bundles. A bundle that was fetched since then stays. */
  restore(bundles: readonly RememberedBundle[]): void {
    for (const bundle of bundles) this.#remember(bundle)
    for (const endpoint of this.#endpoints.values()) this.#recall(endpoint)
  }

  remembered(trustDomain: string): RememberedBundle | undefined {
    return this.#remembered.get(trustDomain)
  }

  /** Returns the bundles to remember over a restart, in a stable order. */
  memory(): readonly RememberedBundle[] {
    return [...this.#remembered.values()].sort((one, other) => (one.trustDomain < other.trustDomain ? -1 : 1))
  }

  /** Reports whether a trust domain has a bundle endpoint. */
  has(trustDomain: string): boolean {
    return this.#endpoints.has(trustDomain)
  }

  trustDomains(): Iterable<string> {
    return this.#endpoints.keys()
  }

  *all(): Iterable<BundleView> {
    for (const [trustDomain, { configured, bundle, fetches, failures }] of this.#endpoints)
      yield { ...this.#sights.view(trustDomain), endpoint: configured, ...(bundle && { bundle }), fetches, failures }
  }

  #addEndpoint(configured: BundleEndpointObservation): void {
    const known = this.#endpoints.get(configured.trustDomain)
    const { bundle, fetches, failures } = known ?? {
      bundle: undefined,
      fetches: 0,
      failures: noReasons(bundleProblems),
    }
    const endpoint = { configured, bundle, fetches, failures }
    this.#endpoints.set(configured.trustDomain, endpoint)
    this.#sights.add(configured.trustDomain)
    this.#recall(endpoint)
  }

  /** Until this process has fetched a bundle, the one that an earlier process fetched is the last good one. */
  #recall(endpoint: Endpoint): void {
    const { trustDomain } = endpoint.configured
    const remembered = this.#remembered.get(trustDomain)
    if (remembered === undefined || endpoint.fetches > 0) return
    endpoint.bundle = bundleOf(remembered) ?? endpoint.bundle
    this.#sights.recall(trustDomain, remembered.refreshedMs)
  }

  #fetched(endpoint: Endpoint, bundle: SpiffeBundle, bootstrap: string | undefined): void {
    endpoint.bundle = bundle
    endpoint.fetches += 1
    this.#remember(toRemember(endpoint.configured.trustDomain, bundle, this.#clock.now(), bootstrap))
  }

  #remember(bundle: RememberedBundle): void {
    const known = this.#remembered.get(bundle.trustDomain)
    this.#remembered.set(bundle.trustDomain, known === undefined ? bundle : newerBundle(bundle, known))
  }

  #endpoint(trustDomain: string): Endpoint {
    const endpoint = this.#endpoints.get(trustDomain)
    if (endpoint === undefined) throw new Error(`no bundle endpoint was reported for ${trustDomain} before this step`)
    return endpoint
  }
}
