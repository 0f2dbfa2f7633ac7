import type { TrustBundle } from '../../identity/trustBundle.ts'
import type { CopyFacts } from '../workloads/compared/copyFacts.ts'
import type { RefusedFacts } from '../workloads/refused/refusedFacts.ts'
import { Pods } from './pods.ts'

/** SignedSvids gathers what the SVIDs of one authority have in common. Times are ms since the Unix epoch. */
export class SignedSvids {
  count = 0
  oldestMs = Infinity
  newestMs = -Infinity
  lastEndMs = -Infinity
  /** One of them is where a driver or an operator has put it, or comes from a configured server. What a pod's server presents is its own choice. */
  isVouchedFor = false
  /** Until when the one is known that was seen last. */
  knownMs = -Infinity
  /** The pods whose own trust bundle refuses the SVID. */
  readonly ownRefused = new Pods()
  /** Since when the first of them does, and the bundles. */
  ownSinceMs = Infinity
  readonly ownBundles = new Set<TrustBundle>()

  add({ svid, knownMs }: CopyFacts): void {
    const { notBeforeMs, notAfterMs } = svid
    this.count += 1
    if (notBeforeMs < this.oldestMs) this.oldestMs = notBeforeMs
    if (notBeforeMs > this.newestMs) this.newestMs = notBeforeMs
    if (notAfterMs > this.lastEndMs) this.lastEndMs = notAfterMs
    if (knownMs > this.knownMs) this.knownMs = knownMs
  }

  addOwnRefused({ copy, sinceMs = Infinity }: RefusedFacts, bundle: TrustBundle | undefined): void {
    this.ownRefused.add(copy)
    this.ownSinceMs = Math.min(this.ownSinceMs, sinceMs)
    if (bundle) this.ownBundles.add(bundle)
  }
}
