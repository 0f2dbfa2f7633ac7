import type { Instant } from '../../clock.ts'
import type { TrustBundle } from '../../identity/trustBundle.ts'
import { settleMs } from '../workloads/refused/refused.ts'
import { hasAuthority, newestMs } from './certificateSets.ts'
import type { DomainTally } from './domainTally.ts'
import { Pods } from './pods.ts'
import type { SignedSvids } from './signedSvids.ts'
import type { RefusedAuthority } from './view.ts'

/** Since when this process has seen something, in the time of `Clock.monotonicMs`. */
interface Since {
  readonly authority: number
  readonly bundle: (bundle: TrustBundle) => number
}

/**
 * Returns the connections that fail because volumes lack the authority that has signed these SVIDs; undefined if none do. A pair counts if
 * the volume was seen some seconds after the first of the SVIDs, and one of the SVIDs some seconds after the bundle. So what a blind node
 * has told last stays true of all that was known then, and nothing is concluded from what came later. An SVID that is known to be refused
 * beside its own bundle proves that both were there together, also before this process began.
 */
export function refusedAuthority(
  keyId: string,
  svids: SignedSvids,
  { bundles }: DomainTally,
  since: Since,
  now: Instant,
): RefusedAuthority | undefined {
  const inMonotonic = (wallMs: number) => now.monotonicMs - (now.wallMs - wallMs)
  const refusing = new Pods()
  const { ownRefused, ownSinceMs, ownBundles } = svids
  const authoritySince = Math.min(since.authority, inMonotonic(ownSinceMs))
  let newestBesideMs = Math.min(...Array.from(ownBundles, newestMs))
  for (const [bundle, { nodes }] of bundles) {
    if (hasAuthority(bundle, keyId)) continue
    if (!ownBundles.has(bundle) && inMonotonic(svids.knownMs) - since.bundle(bundle) < settleMs) continue
    for (const volumes of nodes.values()) {
      if (inMonotonic(volumes.knownMs) - authoritySince < settleMs) continue
      refusing.addAll(volumes)
      newestBesideMs = Math.min(newestBesideMs, newestMs(bundle))
    }
  }
  const volumes = Math.max(refusing.volumes, ownRefused.volumes)
  if (volumes === 0) return undefined
  return {
    pairs: svids.count * volumes,
    volumes,
    areSeveralPods: refusing.areSeveral || ownRefused.areSeveral,
    ownSinceMs: Number.isFinite(ownSinceMs) ? ownSinceMs : undefined,
    newestBesideMs,
  }
}
