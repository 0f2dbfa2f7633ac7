import { parseSpiffeId } from '../../identity/spiffeId.ts'
import type { BundleProfile } from '../../ledger/bundles/observations.ts'

/** A bundle endpoint that the configuration names. */
export interface ConfiguredEndpoint {
  /** The trust domain whose bundle it serves. */
  readonly trustDomain: string
  readonly url: string
  readonly profile: BundleProfile
  /** https_web: the PEM file with the authorities to trust in the place of the public ones. */
  readonly certificateAuthorities?: string | undefined
  /** https_spiffe: the SPIFFE ID of the endpoint; it is there. */
  readonly endpointSpiffeId?: string | undefined
  /** https_spiffe: the file with the bundle of the endpoint's own trust domain to begin with. */
  readonly bootstrapBundle?: string | undefined
}

/** The trust domain of an endpoint's SPIFFE ID; undefined where it has none: https_web. */
export function servingTrustDomain({ endpointSpiffeId = '' }: ConfiguredEndpoint): string | undefined {
  const id = parseSpiffeId(endpointSpiffeId)
  return 'problem' in id ? undefined : id.trustDomain
}

/**
 * What the trust in an endpoint hangs on: the endpoint, the entry for the trust domain of its SPIFFE ID, and so on. It ends with
 * one that has a bundle of its own to begin with, or is authenticated by the Web PKI; or nowhere, where it would go in a circle.
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
