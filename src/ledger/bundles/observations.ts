import type { SpiffeBundle } from '../../identity/spiffeBundle.ts'
import type { BundleProblem } from './reasons.ts'
/** One bundle endpoint that the configuration names; there is one at most for each trust domain. */
export interface BundleEndpointObservation {
  /** The trust domain whose bundle it serves. */
  readonly trustDomain: string
  readonly url: string
  readonly profile: BundleProfile
}

export type BundleProfile = 'https_web' | 'https_spiffe'

/** What a source reports of bundle endpoints. */
export type BundleStep =
  /** The endpoint is asked from now on. */
  | { readonly kind: 'bundleEndpoint'; readonly endpoint: BundleEndpointObservation }
  /**
   * The endpoint gave a bundle that can be used. `bootstrap` is the fingerprint of the configured bundle that its trust goes back
   * to; https_spiffe only.
   */
  | {
      readonly kind: 'bundle'
      readonly trustDomain: string
      readonly bundle: SpiffeBundle
      readonly bootstrap?: string
    }
  /** The endpoint gave none; the last good one stays. */
  | {
      readonly kind: 'bundleTrouble'
      readonly trustDomain: string
      readonly reason: BundleProblem
      readonly detail: string
    }
