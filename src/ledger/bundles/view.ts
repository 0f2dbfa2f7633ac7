import type { SpiffeBundle } from '../../identity/spiffeBundle.ts'
import type { SightView } from '../sight/view.ts'
import type { BundleEndpointObservation } from './observations.ts'
import type { BundleProblem } from './reasons.ts'

/**
 * One bundle endpoint and its last good bundle. It is up if the last attempt fetched a bundle that can be used. Its last contact is
 * the last such fetch, by this process or an earlier one.
 */
export interface BundleView extends SightView<BundleProblem> {
  readonly endpoint: BundleEndpointObservation
  /** The last good bundle; undefined if there is none yet. */
  readonly bundle?: SpiffeBundle
  /** How often this process has fetched a bundle that can be used. */
  readonly fetches: number
  /** How often this process has failed to, by reason. Has every reason. */
  readonly failures: ReadonlyMap<BundleProblem, number>
}
