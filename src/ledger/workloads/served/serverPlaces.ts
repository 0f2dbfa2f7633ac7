import type { Instant } from '../../../clock.ts'
import { isNewer } from '../compared/compare.ts'
import type { NewerMount, PodProbes, ServedSide } from './servedSide.ts'
import { issuerOf, type Svid } from '../svid.ts'
import { clocksDifferMs, writtenMsOf, type SvidCopy } from '../svidCopy.ts'

/**
 * Finds the SVID of each copy that the servers of a pod present, by its SPIFFE ID, and sets it as the served copy there. Several volumes of
 * a pod may have one SPIFFE ID, and several servers may present it: then the oldest copy counts, at the volume that has the same SVID, or else
 * where it was before. Notes since when a server lacks what is mounted.
 */
export function placeServed(svids: readonly Svid[], probes: PodProbes, now: Instant): void {
  const before = new Set(svids.filter(({ served }) => served))
  for (const svid of svids) svid.served = undefined
  const sides = [...probes.values()].flatMap(({ served }) => served ?? [])
  for (const [spiffeId, presented] of Map.groupBy(sides, ({ copy }) => copy.svid.spiffeId)) {
    const candidates = svids.filter((svid) => hasId(svid, spiffeId))
    for (const side of presented) side.behind = behindOf(side, candidates, now)
    const shown = presented.reduce(worseOf)
    const place =
      candidates.find(({ mounted }) => mounted?.copy?.svid.fingerprint === shown.copy.svid.fingerprint) ??
      candidates.find((svid) => before.has(svid)) ??
      candidates[0]
    if (place) setServed(place, shown)
  }
}

/** Reports whether a copy of an SVID, other than the served one, has the SPIFFE ID. */
export const hasId = ({ issued, mounted }: Svid, spiffeId: string): boolean =>
  mounted?.copy?.svid.spiffeId === spiffeId || issued?.issued?.svid.spiffeId === spiffeId

/** Returns the copy that counts of two with one SPIFFE ID: the older one, but one that can be seen before one that cannot. */
function worseOf(one: ServedSide, other: ServedSide): ServedSide {
  const [isLost, isOtherLost] = [one.copy.lostMs !== undefined, other.copy.lostMs !== undefined]
  if (isLost !== isOtherLost) return isLost ? other : one
  return isNewer(one.copy, other.copy) ? other : one
}

function setServed(svid: Svid, side: ServedSide): void {
  const { labels } = side.copy
  const { volume, node } = svid.place
  const isSame = labels?.volume === volume && labels.node === node && labels.issuer === issuerOf(svid.issued)
  if (!isSame) side.copy.labels = undefined
  svid.served = side
}

/** Returns the first newer SVID that was mounted, if all that are mounted with the SPIFFE ID are newer than what is served. */
function behindOf({ copy, behind }: ServedSide, candidates: readonly Svid[], now: Instant): NewerMount | undefined {
  const mounted = candidates.flatMap(({ mounted: side }) =>
    side?.copy?.svid.spiffeId === copy.svid.spiffeId ? side.copy : [],
  )
  if (mounted.length === 0 || !mounted.every((one) => isNewer(one, copy))) return undefined
  return (
    behind ??
    mounted.map((one) => newerMountOf(one, now)).reduce((one, other) => (one.sinceMs > other.sinceMs ? one : other))
  )
}

/**
 * Returns when a copy was mounted. One that was written long before this process saw it was mounted then, also if the clock of its node
 * differs.
 */
function newerMountOf(copy: SvidCopy, { wallMs, monotonicMs }: Instant): NewerMount {
  const seenMs = Math.round(wallMs - (monotonicMs - copy.sinceMs))
  const writtenMs = Math.min(writtenMsOf(copy) ?? Infinity, seenMs)
  return {
    mountedMs: writtenMs,
    sinceMs: Math.min(copy.sinceMs, monotonicMs - (wallMs - writtenMs) + clocksDifferMs),
  }
}
