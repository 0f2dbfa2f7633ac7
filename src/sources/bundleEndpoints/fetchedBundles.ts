import type { SpiffeBundle } from '../../identity/spiffeBundle.ts'

/** A bundle that was fetched, and the fingerprint of the configured bundle that its trust goes back to, if any. */
export interface FetchedBundle {
  readonly bundle: SpiffeBundle
  readonly bootstrap?: string
}

/**
 * The newest bundle of each trust domain that this process has fetched. Bundles are never merged, nor used for another trust
 * domain (SPIFFE Federation section 7.3).
 */
export type FetchedBundles = Map<string, FetchedBundle>
