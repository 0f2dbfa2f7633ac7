import { staleSinceMs, type Moment } from './compare.ts'
import { isBornAfter, mountedSinceMs, volumeIndex } from '../mounted/mountState.ts'
import type { PodObservation } from '../observations.ts'
import { isRunning } from '../pods.ts'
import { obtainedMsOf, type MountedSide, type Svid } from '../svid.ts'
import type { Drift } from '../view.ts'
import { identitiesDiffer, wrongIdentity } from './wrongIdentity.ts'

const none: readonly Drift[] = []

/**
 * Returns the causes for which the copies of an SVID differ, or soon will, the deepest first. What follows from a deeper cause is left
 * out: containers with an earlier mount need a new pod, whatever the mount on the host has, and their servers can present nothing newer.
 * `staleMs` is since when the mounted copy has been older than what was issued.
 */
export function driftsOf(
  pod: PodObservation | undefined,
  svid: Svid,
  moment: Moment,
  staleMs = staleSinceMs(svid, moment),
): readonly Drift[] {
  if (!svid.isSuspect) return withLater(none, svid, moment, staleMs)
  const startMs = mountedSinceMs(pod, svid.place.volume)
  const isHeld = detached(svid, startMs)
  const isBySubPath = pod && bySubPath(pod, svid, startMs)
  const drifts = plus(plus(none, isHeld), pod && lost(pod, svid, startMs, moment))
  const all = plus(plus(drifts, isBySubPath), wrongIdentity(pod, svid, moment))
  if (isHeld) return all
  return isBySubPath ? plus(all, stale(staleMs)) : withLater(all, svid, moment, staleMs)
}

/**
 * Reports whether an SVID may have a cause that depends on more than the times of its copies. It must be asked again once the pod or a copy has
 * changed.
 */
export function isSuspect(pod: PodObservation | undefined, svid: Svid): boolean {
  const { place, mounted } = svid
  const startMs = mountedSinceMs(pod, place.volume)
  return (
    isLost(mounted) ||
    detached(svid, startMs) !== undefined ||
    (pod !== undefined && bySubPath(pod, svid, startMs) !== undefined) ||
    identitiesDiffer(pod, svid)
  )
}

/** Adds the causes that the times of the copies tell of. */
const withLater = (
  drifts: readonly Drift[],
  svid: Svid,
  moment: Moment,
  staleMs: number | undefined,
): readonly Drift[] => plus(plus(drifts, stale(staleMs)), notReloaded(svid, moment))

/** Reports whether containers have another mount than the one on the host. */
export const isDetached = (drifts: readonly Drift[]): boolean => drifts.some(({ cause }) => cause === 'mount_detached')

const plus = (drifts: readonly Drift[], drift: Drift | undefined): readonly Drift[] =>
  drift === undefined ? drifts : [...drifts, drift]

/** Containers have an earlier mount of the volume than the host. What was known of the host's mount counts also while it is gone. */
function detached({ mounted }: Svid, startMs: number | undefined): Drift | undefined {
  if (mounted === undefined || startMs === undefined || !isBornAfter(mounted.mountBirthMs, startMs)) return undefined
  const { mountBirthMs } = mounted
  return { cause: 'mount_detached', sinceMs: mountBirthMs, mountBirthMs, containerStartMs: startMs }
}

/**
 * The host has no mount, or an empty one, of a volume that the pod has had. A pod that starts or stops has none for a while, and one that
 * was not seen since may have stopped.
 */
function lost(pod: PodObservation, { mounted }: Svid, startMs: number | undefined, moment: Moment): Drift | undefined {
  if (!isLost(mounted)) return undefined
  const { problem, copy } = mounted
  if (copy === undefined && !isSeenBeside(startMs, mounted, moment)) return undefined
  if (!isSeenToRun(pod, copy?.lostMs ?? -Infinity, moment.podsSeen)) return undefined
  const cause = problem === 'unmounted' ? 'mount_gone' : 'empty_volume'
  return { cause, sinceMs: copy?.lostMs, ...(startMs !== undefined && { containerStartMs: startMs }) }
}

/** Reports whether the volume is not mounted, or has no files. */
const isLost = (mounted: MountedSide | undefined): mounted is MountedSide =>
  mounted?.problem === 'unmounted' || mounted?.problem === 'empty_volume'

/** A container starts with the mount. For so long, in ms, a node role may not have told of it. */
const toldMs = 10_000

/** Reports whether the volume was still seen as it is some time after a container had started with it. */
const isSeenBeside = (startMs: number | undefined, { node }: MountedSide, { mountedSeen }: Moment): boolean =>
  startMs !== undefined && (mountedSeen(node)?.wallMs ?? -Infinity) > startMs + toldMs

/** Reports whether the pod was seen to run, and not to stop, since that time. */
const isSeenToRun = (pod: PodObservation, sinceMs: number, podsSeen: Moment['podsSeen']): boolean =>
  pod.deadlineMs === undefined && isRunning(pod) && (podsSeen(pod.namespace)?.wallMs ?? -Infinity) >= sinceMs

/** A container that mounts a path of the volume keeps the file that was there when it started. */
function bySubPath(pod: PodObservation, svid: Svid, startMs: number | undefined): Drift | undefined {
  if (startMs === undefined) return undefined
  const { place, mounted } = svid
  if (!pod.volumes[volumeIndex(pod, place.volume)]?.bySubPath) return undefined
  const copy = mounted?.copy
  const isRenewed = copy !== undefined && (obtainedMsOf(svid, copy) ?? copy.svid.notBeforeMs) > startMs
  const drift = { cause: 'sub_path', sinceMs: startMs, containerStartMs: startMs } as const
  return isRenewed ? drift : { ...drift, isToCome: true }
}

const stale = (sinceMs: number | undefined): Drift | undefined =>
  sinceMs === undefined ? undefined : { cause: 'mount_stale', sinceMs }

/** A server that was not probed since it should have reloaded may have done so. */
function notReloaded({ served }: Svid, { reloadGraceMs }: Moment): Drift | undefined {
  if (served?.behind === undefined) return undefined
  const { copy, seen, behind, port } = served
  const graceMs = reloadGraceMs(copy.svid.notAfterMs - copy.svid.notBeforeMs)
  if (seen.monotonicMs - behind.sinceMs < graceMs) return undefined
  return { cause: 'not_reloaded', sinceMs: behind.mountedMs, port }
}
