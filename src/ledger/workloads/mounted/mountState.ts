import type { Instant } from '../../../clock.ts'
import type { TrustBundle } from '../../../identity/trustBundle.ts'
import type { MountedObservation, PodObservation } from '../observations.ts'
import { peersAfter, peersOf, type PeersView } from '../refused/refused.ts'
import type { SvidCopy } from '../svidCopy.ts'

/** What is known of the mount of a volume beside the file in it. Times are ms since the Unix epoch. */
export interface MountState extends PeersView {
  /** When the mount on the host was born, as far as is known last; 0 if that was never known. */
  readonly mountBirthMs: number
  /** The trust bundle that was read last with an SVID; undefined if there was none. Equal ones are one object. */
  readonly bundle?: TrustBundle | undefined
  /** An earlier mount of the volume, which containers may still have. */
  readonly held?: HeldMount | undefined
  /**
   * The mount was lost out of sight. Its files may have been renewed before, so the containers may have a newer copy than the one that
   * was read last.
   */
  readonly wasLostUnseen?: boolean
}

/** What was in a mount when it was last seen, before another one took its place on the host. Times are ms since the Unix epoch. */
export interface HeldMount {
  readonly copy: SvidCopy
  readonly bundle?: TrustBundle
  readonly bornMs: number
  /** When the next mount was born. */
  readonly replacedMs: number
}

/**
 * A mount that was born this much later than a container started is not the one that the container has. Kubernetes cuts the start to
 * whole seconds, and the mount of a healthy pod was seen to be born up to 0.34 s later than that.
 */
const bornLaterMs = 2_000

/** Reports whether a mount was born after a container had started, which then has an earlier mount of the volume. */
export const isBornAfter = (mountBirthMs: number, containerStartMs: number): boolean =>
  mountBirthMs > containerStartMs + bornLaterMs

/** Returns when the oldest running container that mounts a volume of the pod started, ms since the Unix epoch. */
export function mountedSinceMs(pod: PodObservation | undefined, volume: string): number | undefined {
  if (pod === undefined) return undefined
  const { mountedSinceMs: sinceMs } = pod
  return typeof sinceMs === 'object' ? sinceMs[volumeIndex(pod, volume)] : sinceMs
}

/** Reports whether a running container mounts a volume of the pod. */
export const areMounted = ({ mountedSinceMs: sinceMs }: PodObservation): boolean =>
  typeof sinceMs === 'object' ? sinceMs.some((ms) => ms !== undefined) : sinceMs !== undefined

/** Returns the place of a volume among those of the pod; -1 if the pod has no such volume. A loop, because it runs for each SVID. */
export function volumeIndex({ volumes }: PodObservation, volume: string): number {
  for (let index = 0; index < volumes.length; index += 1) if (volumes[index]?.name === volume) return index
  return -1
}

/** What is known of the containers that mount a volume. */
interface Containers {
  /** When the oldest that runs started, ms since the Unix epoch. */
  readonly startMs: number | undefined
  /** What has changed since the last look may have changed out of sight, where files may be renewed, too. */
  readonly isUnseen: boolean
}

/** The state of a mount, with the copy that was read last. */
export type KnownMount = MountState & { readonly copy?: SvidCopy }

/** Returns the state of a mount after another look at it. `before` is the former state. */
export function lookedAt(
  before: KnownMount | undefined,
  { reading, writtenMs, mountBirthMs, verdict, bundle }: MountedObservation,
  containers: Containers,
  now: Instant,
): MountState {
  const bornMs = mountBirthMs === 0 ? (before?.mountBirthMs ?? 0) : mountBirthMs
  const held = heldAfter(before, bornMs, containers)
  if ('svid' in reading)
    return {
      mountBirthMs: bornMs,
      ...(bundle && { bundle }),
      ...peersAfter(before, verdict, now, writtenMs),
      ...(held && { held }),
    }
  // What cannot be read leaves the last copy as it was.
  return { ...lostFrom(before, containers.isUnseen), mountBirthMs: bornMs, ...(held && { held }) }
}

/** Returns the state of a mount whose file can no longer be read. `isUnseen` says that this may have come about out of sight. */
export function lostFrom(before: KnownMount | undefined, isUnseen: boolean): MountState {
  if (before === undefined) return { mountBirthMs: 0 }
  const { mountBirthMs, bundle, held, copy } = before
  const wasLostUnseen = copy?.lostMs === undefined ? isUnseen : before.wasLostUnseen === true
  return {
    mountBirthMs,
    ...(bundle && { bundle }),
    ...peersOf(before),
    ...(held && { held }),
    ...(wasLostUnseen && { wasLostUnseen }),
  }
}

/**
 * Returns the earlier mount that containers may have. Of several earlier mounts, the one that the containers have is kept, as far as
 * is known.
 */
function heldAfter(
  before: KnownMount | undefined,
  bornMs: number,
  { startMs, isUnseen }: Containers,
): HeldMount | undefined {
  if (before === undefined) return undefined
  const { held, copy, bundle, mountBirthMs: formerMs, wasLostUnseen } = before
  if (bornMs === formerMs || formerMs === 0 || copy === undefined) return held
  if (held && startMs !== undefined && isBornAfter(formerMs, startMs)) return held
  if (isUnseen || wasLostUnseen) return undefined
  return { copy, ...(bundle && { bundle }), bornMs: formerMs, replacedMs: bornMs }
}
