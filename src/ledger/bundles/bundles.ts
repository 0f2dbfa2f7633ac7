import type { Clock } from '../../clock.ts'
import type { SpiffeBundle } from '../../identity/spiffeBundle.ts'
import type { Followers } from '../changes.ts'
import { addReason, noReasons } from '../counts.ts'
import { Sights } from '../sight/sight.ts'
import type { BundleEndpointObservation, BundleStep } from './observations.ts'
import { bundleProblems, type BundleProblem } from './reasons.ts'
import { bundleOf, newerBundle, toRemember, type RememberedBundle } from './remembered.ts'
import type { BundleView } from './view.ts'

/** What an endpoint gave so far. */
interface Endpoint {
  readonly asked: BundleEndpointObservation
  bundle: SpiffeBundle | undefined
  fetches: number
  readonly failures: Map<BundleProblem, number>
}

/** The bundles of the endpoints that are asked, and those to go on from after a restart; by trust domain. */
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
        return this.#ask(step.endpoint)
      case 'bundle': {
        const { trustDomain, bundle, bootstrap } = step
        this.#good(this.#endpoint(trustDomain), bundle, bootstrap)
        return this.#sights.contact(trustDomain)
      }
      case 'bundleTrouble': {
        const { trustDomain, reason, detail } = step
        addReason(this.#endpoint(trustDomain).failures, reason)
        return this.#sights.lose(trustDomain, reason, detail)
      }
    }
  }

  /** Goes on from what was remembered, also when endpoints have been asked already. */
  restore(bundles: readonly RememberedBundle[]): void {
    for (const bundle of bundles) this.#remember(bundle)
    for (const endpoint of this.#endpoints.values()) this.#recall(endpoint)
  }

  remembered(trustDomain: string): RememberedBundle | undefined {
    return this.#remembered.get(trustDomain)
  }

  /** What a restart must not forget, in a stable order. */
  memory(): readonly RememberedBundle[] {
    return [...this.#remembered.values()].sort((one, other) => (one.trustDomain < other.trustDomain ? -1 : 1))
  }

  *all(): Iterable<BundleView> {
    for (const [trustDomain, { asked, bundle, fetches, failures }] of this.#endpoints)
      yield { ...this.#sights.view(trustDomain), endpoint: asked, ...(bundle && { bundle }), fetches, failures }
  }

  #ask(asked: BundleEndpointObservation): void {
    const known = this.#endpoints.get(asked.trustDomain)
    const { bundle, fetches, failures } = known ?? {
      bundle: undefined,
      fetches: 0,
      failures: noReasons(bundleProblems),
    }
    const endpoint = { asked, bundle, fetches, failures }
    this.#endpoints.set(asked.trustDomain, endpoint)
    this.#sights.add(asked.trustDomain)
    this.#recall(endpoint)
  }

  /** Until an endpoint gives a bundle itself, the one that an earlier process had from it is the last good one. */
  #recall(endpoint: Endpoint): void {
    const { trustDomain } = endpoint.asked
    const remembered = this.#remembered.get(trustDomain)
    if (remembered === undefined || endpoint.fetches > 0) return
    endpoint.bundle = bundleOf(remembered) ?? endpoint.bundle
    this.#sights.recall(trustDomain, remembered.refreshedMs)
  }

  #good(endpoint: Endpoint, bundle: SpiffeBundle, bootstrap: string | undefined): void {
    endpoint.bundle = bundle
    endpoint.fetches += 1
    this.#remember(toRemember(endpoint.asked.trustDomain, bundle, this.#clock.now(), bootstrap))
  }

  #remember(bundle: RememberedBundle): void {
    const known = this.#remembered.get(bundle.trustDomain)
    this.#remembered.set(bundle.trustDomain, known === undefined ? bundle : newerBundle(bundle, known))
  }

  #endpoint(trustDomain: string): Endpoint {
    const endpoint = this.#endpoints.get(trustDomain)
    if (endpoint === undefined) throw new Error(`the ledger was not told of a bundle endpoint for ${trustDomain}`)
    return endpoint
  }
}
