import type { SpiffeBundle } from '../../identity/spiffeBundle.ts'
import type { BundleProblem } from './reasons.ts'

/** One configured bundle endpoint. Each trust domain has at most one. */
export interface BundleEndpointObservation {
  /** The trust domain whose bundle the endpoint serves. */
  readonly trustDomain: string
  readonly url: string
  readonly profile: BundleProfile
}

export type BundleProfile = 'https_web' | 'https_spiffe'

/** What a source reports about bundle endpoints. */
export type BundleStep =
  /** The endpoint is configured, and bundles are fetched from it from now on. */
  | { readonly kind: 'bundleEndpoint'; readonly endpoint: BundleEndpointObservation }
  /**
   * The endpoint served a bundle that can be used. `bootstrap` is the fingerprint of the configured bundle from which its trust
   * derives; https_spiffe only.
   */
  | {
      readonly kind: 'bundle'
      readonly trustDomain: string
      readonly bundle: SpiffeBundle
      readonly bootstrap?: string
    }
  /** The endpoint served no bundle that can be used; the last good one stays. */
  | {
      readonly kind: 'bundleTrouble'
      readonly trustDomain: string
      readonly reason: BundleProblem
      readonly detail: string
    }
