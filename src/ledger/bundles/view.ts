import type { SpiffeBundle } from '../../identity/spiffeBundle.ts'
import type { SightView } from '../sight/view.ts'
import type { BundleEndpointObservation } from './observations.ts'
import type { BundleProblem } from './reasons.ts'

/**
 * One bundle endpoint and what it gave. It is up while the last attempt gave a bundle that can be used; its last contact is the
 * last good fetch, by this process or an earlier one.
 */
export interface BundleView extends SightView<BundleProblem> {
  readonly endpoint: BundleEndpointObservation
  /** The last good bundle; undefined: none yet. */
  readonly bundle?: SpiffeBundle
  /** How often it gave this process a bundle. */
  readonly fetches: number
  /** How often it gave none, by reason; every reason is there. */
  readonly failures: ReadonlyMap<BundleProblem, number>
}
