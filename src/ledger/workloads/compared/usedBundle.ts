import type { TrustBundle } from '../../../identity/trustBundle.ts'
import type { Svid } from '../svid.ts'
import type { Drift } from '../view.ts'
import type { CopyFacts } from './copyFacts.ts'
import { isDetached } from './drift.ts'

/** Returns the bundle that containers have: that of their own mount, if they have another one than the host. */
export function usedBundle(
  { mounted }: Svid,
  held: CopyFacts | undefined,
  drifts: readonly Drift[],
): TrustBundle | undefined {
  if (held) return mounted?.held?.bundle
  return isDetached(drifts) ? undefined : mounted?.bundle
}

/** Returns until when the bundle of a volume is known, whose node is known until `filesKnownMs`. */
export const bundleKnownMs = ({ mounted }: Svid, filesKnownMs: number): number => mounted?.copy?.lostMs ?? filesKnownMs
