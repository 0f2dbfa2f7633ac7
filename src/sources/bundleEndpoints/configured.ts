import { parseSpiffeId } from '../../identity/spiffeId.ts'
import type { BundleProfile } from '../../ledger/bundles/observations.ts'

/** A bundle endpoint that the configuration names. */
export interface ConfiguredEndpoint {
  /** The trust domain whose bundle the endpoint serves. */
  readonly trustDomain: string
  readonly url: string
  readonly profile: BundleProfile
  /** The other hosts to which it may redirect, in the form that `URL.host` has. */
  readonly redirectHosts?: readonly string[] | undefined
  /** https_web: the PEM file with the authorities to trust instead of the public ones. */
  readonly certificateAuthorities?: string | undefined
  /** https_spiffe: the SPIFFE ID of the endpoint, which is required. */
  readonly endpointSpiffeId?: string | undefined
  /** https_spiffe: the file with the initial bundle of the trust domain of `endpointSpiffeId`. */
  readonly bootstrapBundle?: string | undefined
}

/** Returns the trust domain of an endpoint's SPIFFE ID; undefined for https_web, which has none. */
export function servingTrustDomain({ endpointSpiffeId = '' }: ConfiguredEndpoint): string | undefined {
  const id = parseSpiffeId(endpointSpiffeId)
  return 'problem' in id ? undefined : id.trustDomain
}

/**
 * Returns the endpoints that the trust in an endpoint depends on: the endpoint itself, the entry for the trust domain of its
 * SPIFFE ID, and so on. The last one has a bootstrap bundle or is authenticated by the Web PKI; a cycle is cut.
 */
export function chainOf(
  endpoint: ConfiguredEndpoint,
  endpoints: readonly ConfiguredEndpoint[],
): readonly ConfiguredEndpoint[] {
  const chain: ConfiguredEndpoint[] = []
  let next: ConfiguredEndpoint | undefined = endpoint
  while (next !== undefined && !chain.includes(next)) {
    chain.push(next)
    const serving: string | undefined = next.bootstrapBundle === undefined ? servingTrustDomain(next) : undefined
    next = endpoints.find(({ trustDomain }) => trustDomain === serving)
  }
  return chain
}
