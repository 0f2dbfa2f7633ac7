import type { Clock } from '../../clock.ts'
import type { SpiffeBundle } from '../../identity/spiffeBundle.ts'
import { authorityFromDer } from '../../identity/x509Authority.ts'
import type { RememberedBundle } from '../memory.ts'
import type { BundleEndpointObservation } from './observations.ts'
import type { Observation } from '../observations.ts'
import { bundleProblems, type BundleProblem } from './reasons.ts'
import type { BundleView } from './view.ts'
import { zeros } from '../reasonCounts.ts'

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

  all(): Iterable<BundleView> {
    return this.#endpoints.values()
  }

  #ask(asked: BundleEndpointObservation): void {
    const known = this.#endpoints.get(asked.trustDomain) ?? { fetches: 0, failures: zeros(bundleProblems) }
    const endpoint: Endpoint = { ...known, endpoint: asked }
    this.#endpoints.set(asked.trustDomain, endpoint)
    this.#recall(endpoint)
  }

  /** Until an endpoint gives a bundle itself, the one that an earlier process had from it is the last good one. */
  #recall(endpoint: Endpoint): void {
    const remembered = this.#remembered.get(endpoint.endpoint.trustDomain)
    if (remembered === undefined || endpoint.fetches > 0) return
    endpoint.refreshedMs = remembered.refreshedMs
    const bundle = bundleOf(remembered)
    if (bundle !== undefined) endpoint.bundle = bundle
  }

  #good({ trustDomain, bundle, bootstrap }: Bundle): void {
    const endpoint = this.#endpoint(trustDomain)
    const refreshedMs = this.#clock.now()
    endpoint.bundle = bundle
    endpoint.refreshedMs = refreshedMs
    endpoint.fetches += 1
    delete endpoint.trouble
    const { sequence, refreshHintMs, x509Authorities, jwtAuthorities } = bundle
    this.#remember({
      trustDomain,
      refreshedMs,
      ...(bootstrap !== undefined && { bootstrap }),
      ...(sequence !== undefined && { sequence: String(sequence) }),
      ...(refreshHintMs !== undefined && { refreshHintMs }),
      authorities: x509Authorities.map(({ der }) => der),
      jwtAuthorities,
    })
  }

  #remember(bundle: RememberedBundle): void {
    const known = this.#remembered.get(bundle.trustDomain)
    this.#remembered.set(bundle.trustDomain, known === undefined ? bundle : newerBundle(bundle, known))
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

/** Of two bundles of a trust domain: the one with the larger sequence where both go back to the same configured bundle, else the one that was fetched last. */
function newerBundle(one: RememberedBundle, other: RememberedBundle): RememberedBundle {
  const isComparable = one.bootstrap !== undefined && one.bootstrap === other.bootstrap
  if (isComparable && one.sequence !== undefined && other.sequence !== undefined && one.sequence !== other.sequence)
    return BigInt(one.sequence) > BigInt(other.sequence) ? one : other
  return one.refreshedMs >= other.refreshedMs ? one : other
}

/** Undefined where one of its authorities cannot be read. */
function bundleOf(remembered: RememberedBundle): SpiffeBundle | undefined {
  const { sequence, refreshHintMs, authorities, jwtAuthorities } = remembered
  const read = authorities.map((der) => authorityFromDer(der))
  const x509Authorities = read.flatMap((one) => ('authority' in one ? [one.authority] : []))
  if (x509Authorities.length < read.length) return undefined
  return {
    ...(sequence !== undefined && { sequence: BigInt(sequence) }),
    ...(refreshHintMs !== undefined && { refreshHintMs }),
    x509Authorities,
    jwtAuthorities,
  }
}
