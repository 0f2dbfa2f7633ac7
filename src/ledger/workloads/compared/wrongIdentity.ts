import { spiffeDriver } from '../../../config/spiffeDriver.ts'
import { writeGraceMs, type Moment } from './compare.ts'
import type { Drift } from '../view.ts'
import { volumeIndex } from '../mounted/mountState.ts'
import type { PodObservation } from '../observations.ts'
import type { Svid } from '../svid.ts'
import type { SvidCopy } from '../svidCopy.ts'

/**
 * Reports whether a copy of an SVID has another SPIFFE ID than the other copy, or than the namespace and the service account of the pod give.
 */
export const identitiesDiffer = (pod: PodObservation | undefined, svid: Svid): boolean =>
  doCopiesDiffer(svid) || otherIdByAccount(pod, svid) !== undefined

/** Returns the drift of an SVID whose identities differ; undefined if they do not, or if one of the copies may be on its way. */
export function wrongIdentity(pod: PodObservation | undefined, svid: Svid, moment: Moment): Drift | undefined {
  const areOthers = doCopiesDiffer(svid) && areSettled(svid, moment)
  const otherId = areOthers ? svid.issued?.issued?.svid.spiffeId : otherIdByAccount(pod, svid)
  return otherId === undefined ? undefined : { cause: 'wrong_identity', sinceMs: undefined, otherId }
}

function doCopiesDiffer({ issued: side, mounted }: Svid): boolean {
  const [issued, copy] = [side?.issued, mounted?.copy]
  return issued !== undefined && copy !== undefined && issued.svid.spiffeId !== copy.svid.spiffeId
}

/**
 * Returns the path that the namespace and the service account give, if a copy has another one. Only csi-driver-spiffe makes the SPIFFE ID from
 * them. Other drivers have templates or registrations.
 */
function otherIdByAccount(pod: PodObservation | undefined, { place, issued, mounted }: Svid): string | undefined {
  const account = pod?.serviceAccount
  if (!account || pod.volumes[volumeIndex(pod, place.volume)]?.driver !== spiffeDriver.name) return undefined
  const path = `/ns/${place.namespace}/sa/${account}`
  const isRight = (copy: SvidCopy | undefined) => copy === undefined || pathOf(copy) === path
  return isRight(mounted?.copy) && isRight(issued?.issued) ? undefined : path
}

const pathOf = ({ svid: { spiffeId, trustDomain } }: SvidCopy): string =>
  spiffeId.slice('spiffe://'.length + trustDomain.length)

/** Reports whether the files were seen long enough after both copies were first known: one of them may be on its way. */
function areSettled({ issued: side, mounted }: Svid, { mountedSeen }: Moment): boolean {
  const sinceMs = Math.max(side?.issued?.sinceMs ?? Infinity, mounted?.copy?.sinceMs ?? Infinity)
  return ((mounted && mountedSeen(mounted.node)?.monotonicMs) ?? -Infinity) - sinceMs >= writeGraceMs
}
