import { isBornAfter, mountedSinceMs } from './mountState.ts'
import type { PodObservation } from '../observations.ts'
import type { Svid } from '../svid.ts'
import type { SvidCopy } from '../svidCopy.ts'

/** Returns what the containers have that have an earlier mount of the volume than the host, if it was seen. */
export function heldCopy(pod: PodObservation | undefined, svid: Svid): SvidCopy | undefined {
  const held = svid.mounted?.held
  if (held === undefined || pod === undefined) return undefined
  const startMs = mountedSinceMs(pod, svid.place.volume)
  const isHeld = startMs !== undefined && !isBornAfter(held.bornMs, startMs) && isBornAfter(held.replacedMs, startMs)
  return isHeld ? held.copy : undefined
}
