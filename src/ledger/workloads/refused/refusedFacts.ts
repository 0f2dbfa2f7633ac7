import type { Instant } from '../../../clock.ts'
import type { Moment } from '../compared/compare.ts'
import { isDetached } from '../compared/drift.ts'
import type { Drift } from '../view.ts'
import type { CopyFacts } from '../compared/copyFacts.ts'
import { refusedOf, type PeersView, type Refused } from './refused.ts'
import type { Svid } from '../svid.ts'

/** A copy that peers refuse, and why. */
export interface RefusedFacts extends Refused {
  readonly copy: CopyFacts
}

/** Returns the first copy that peers refuse of those that may be in use. A detached mount on the host is not. */
export function refusedFacts(
  { mounted, served }: Svid,
  copies: Readonly<Partial<Record<'mounted' | 'served', CopyFacts | undefined>>>,
  drifts: readonly Drift[],
  { mountedSeen, now }: Moment,
): RefusedFacts | undefined {
  const seen = mounted?.refusedSince && mountedSeen(mounted.node)
  const onHost = mounted && refusedCopy(copies.mounted, mounted, seen, now.wallMs)
  if (onHost && !isDetached(drifts)) return onHost
  return served && refusedCopy(copies.served, served, served.seen, now.wallMs)
}

/** Returns why peers refuse a copy at `nowMs`, as of when it was last known. */
export function refusedCopy(
  copy: CopyFacts | undefined,
  peers: PeersView,
  seen: Instant | undefined,
  nowMs: number,
): RefusedFacts | undefined {
  if (copy === undefined || copy.knownMs === -Infinity) return undefined
  const refused = refusedOf(copy.svid, peers, seen, nowMs, copy.knownMs)
  return refused && { copy, ...refused }
}
