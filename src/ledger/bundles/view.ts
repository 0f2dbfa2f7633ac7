import type { SpiffeBundle } from '../../identity/spiffeBundle.ts'
import type { BundleEndpointObservation } from './observations.ts'
import type { BundleProblem } from './reasons.ts'
import type { TroubleView } from '../sight/view.ts'

/** One bundle endpoint and what it gave. */
export interface BundleView {
  readonly endpoint: BundleEndpointObservation
  /** The last good bundle, and when it was last fetched, ms since the Unix epoch, by this process or an earlier one; undefined: none yet. */
  readonly bundle?: SpiffeBundle
  readonly refreshedMs?: number
  /** What is wrong since the last good one. */
  readonly trouble?: TroubleView<BundleProblem>
  /** How often it gave this process a bundle. */
  readonly fetches: number
  /** How often it gave none, by reason; every reason is there. */
  readonly failures: ReadonlyMap<BundleProblem, number>
}
