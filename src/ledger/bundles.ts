import type { Clock } from '../clock.ts'
import type { RememberedBundle } from './memory.ts'
import type { BundleEndpointObservation, Observation } from './observations.ts'
import { bundleProblems, type BundleProblem } from './reasons.ts'
import type { BundleView } from './view.ts'
import { zeros } from './zeros.ts'

/** What a source says of bundle endpoints. */
export type BundleStep = Extract<Observation, { kind: 'bundleEndpoint' | 'bundle' | 'bundleTrouble' }>
type Bundle = Extract<Observation, { kind: 'bundle' }>
type BundleTrouble = Extract<Observation, { kind: 'bundleTrouble' }>

/** An endpoint as it is shown. */
type Endpoint = { -readonly [Field in keyof BundleView]: BundleView[Field] } & { failures: Map<BundleProblem, number> }

/** The bundles of the endpoints that are asked, and those to go on from after a restart; by trust domain. */
export class Bundles {
  readonly #clock: Clock
  readonly #endpoints = new Map<string, Endpoint>()
  readonly #remembered = new Map<string, RememberedBundle>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  take(step: BundleStep): void {
    switch (step.kind) {
      case 'bundleEndpoint':
        return this.#ask(step.endpoint)
      case 'bundle':
        return this.#good(step)
      case 'bundleTrouble':
        return this.#bad(step)
    }
  }

  /** Goes on from what was remembered, also when endpoints have been asked already. */
  restore(bundles: readonly RememberedBundle[]): void {
    for (const bundle of bundles) {
      const own = this.#remembered.get(bundle.trustDomain)
      if (own === undefined || isOlder(own, bundle)) this.#remembered.set(bundle.trustDomain, bundle)
    }
  }

  remembered(trustDomain: string): RememberedBundle | undefined {
    return this.#remembered.get(trustDomain)
  }

  /** What a restart must not forget, in a stable order. */
  memory(): readonly RememberedBundle[] {
    return [...this.#remembered.values()].sort((one, other) => (one.trustDomain < other.trustDomain ? -1 : 1))
  }

  all(): Iterable<BundleView> {
    return this.#endpoints.values()
  }

  #ask(endpoint: BundleEndpointObservation): void {
    const known = this.#endpoints.get(endpoint.trustDomain) ?? { fetches: 0, failures: zeros(bundleProblems) }
    this.#endpoints.set(endpoint.trustDomain, { ...known, endpoint })
  }

  #good({ trustDomain, bundle, bootstrap }: Bundle): void {
    const endpoint = this.#endpoint(trustDomain)
    endpoint.bundle = bundle
    endpoint.refreshedMs = this.#clock.now()
    endpoint.fetches += 1
    delete endpoint.trouble
    if (bootstrap === undefined) return
    const fetched: RememberedBundle = {
      trustDomain,
      bootstrap,
      ...(bundle.sequence !== undefined && { sequence: String(bundle.sequence) }),
      authorities: bundle.x509Authorities.map(({ der }) => der),
    }
    const known = this.#remembered.get(trustDomain)
    if (known === undefined || !isOlder(fetched, known)) this.#remembered.set(trustDomain, fetched)
  }

  #bad({ trustDomain, reason, detail }: BundleTrouble): void {
    const endpoint = this.#endpoint(trustDomain)
    endpoint.trouble = { reason, detail, sinceMs: endpoint.trouble?.sinceMs ?? this.#clock.now() }
    endpoint.failures.set(reason, (endpoint.failures.get(reason) ?? 0) + 1)
  }

  #endpoint(trustDomain: string): Endpoint {
    const endpoint = this.#endpoints.get(trustDomain)
    if (endpoint === undefined) throw new Error(`the ledger was not told of a bundle endpoint for ${trustDomain}`)
    return endpoint
  }
}

/** Both go back to the same configured bundle, and `one` came before `other`. Where nothing tells, it did not. */
function isOlder(one: RememberedBundle, other: RememberedBundle): boolean {
  if (one.bootstrap !== other.bootstrap || one.sequence === undefined || other.sequence === undefined) return false
  return BigInt(one.sequence) < BigInt(other.sequence)
}
