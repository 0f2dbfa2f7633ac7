import { isWaiting, type RequestObservation } from '../issuance/observations.ts'
import { isEarly } from './compare.ts'
import type { PodObservation } from './observations.ts'
import type { RememberedSvid } from './remembered.ts'
import { labelsFor, obtainedOf, type IssuedSide } from './svid.ts'

/** How long the driver may take to make the next request after one that waited is gone: drivers retry after 6 minutes at most. */
const retryMs = 10 * 60_000

/**
 * Takes a request for the SVID, unless a newer one is known. Returns what has changed: `issued` for a new SVID, `requested` for
 * only the newest request that was not issued, undefined for nothing. `monotonicMs` is now, in the time of `Clock.monotonicMs`;
 * `askedMs` is since when the SVID has been asked for, if an earlier process has remembered that.
 */
export function takeRequest(
  side: IssuedSide,
  request: RequestObservation,
  monotonicMs: number,
  askedMs: number | undefined,
): 'issued' | 'requested' | undefined {
  const { uid, createdMs } = request
  const { issued } = side
  if (issued?.uid === uid || createdMs < (issued?.createdMs ?? -Infinity)) return undefined
  return request.svid === undefined
    ? takeUnissued(side, request, askedMs)
    : takeIssued(side, request, request.svid, monotonicMs)
}

/** The pod of the SVID has become known, or has another node. Its name replaces the equal string of a request, to save memory. */
export function takePod(side: IssuedSide, { name }: PodObservation): void {
  side.podName = name
  if (side.issued) side.issued.labels = undefined
}

function takeUnissued(
  side: IssuedSide,
  request: RequestObservation,
  askedMs: number | undefined,
): 'requested' | undefined {
  return keepUnissued(side, request, askedMs) ? 'requested' : undefined
}

function takeIssued(
  side: IssuedSide,
  { uid, createdMs, concludedMs = createdMs, issuer }: RequestObservation,
  svid: NonNullable<RequestObservation['svid']>,
  sinceMs: number,
): 'issued' {
  const before = side.issued
  const labels = labelsFor(svid, before, issuer)
  side.earlyRenewals = before && isEarly(before, createdMs) ? side.earlyRenewals + 1 : 0
  side.issued = { uid, createdMs, issuer, svid, sinceMs, obtainedMs: obtainedOf(svid, concludedMs), labels }
  forgetUnissued(side)
  return 'issued'
}

/** Keeps a request that was not issued, unless a newer one is known or the issued one is as new. Reports whether it was kept. */
function keepUnissued(side: IssuedSide, request: RequestObservation, rememberedMs = side.issued?.askedMs): boolean {
  const { uid, name, issuer, createdMs, state, reason, message = '', trustDomains } = request
  if (createdMs <= (side.issued?.createdMs ?? -Infinity)) return false
  if (createdMs < (side.requested?.createdMs ?? -Infinity)) return false
  const askedMs = askedSince(side, request, rememberedMs)
  const said = { state, reason, message, ...(trustDomains && { trustDomains }) }
  side.requested = { uid, name, issuer, createdMs, askedMs, ...said }
  return true
}

/** Returns since when the SVID has been asked for without an answer. A request that waited and was replaced in time has had none. */
function askedSince(
  { requested: before }: IssuedSide,
  { uid, createdMs }: RequestObservation,
  rememberedMs: number | undefined,
): number {
  if (before === undefined) return Math.min(createdMs, rememberedMs ?? createdMs)
  const isReplaced = isWaiting(before.state) && createdMs - (before.lostMs ?? createdMs) <= retryMs
  return before.uid === uid || isReplaced ? before.askedMs : createdMs
}

/** Takes an SVID that an earlier process has remembered, unless a newer one is known. Reports whether it was taken. */
export function takeRemembered(side: IssuedSide, remembered: RememberedSvid, monotonicMs: number): boolean {
  const { uid, createdMs, issuer, svid, askedMs, lostMs = createdMs } = remembered
  if (createdMs <= (side.issued?.createdMs ?? -Infinity)) return false
  const obtainedMs = obtainedOf(svid, createdMs)
  side.issued = { uid, createdMs, lostMs, issuer, svid, sinceMs: monotonicMs, obtainedMs, askedMs }
  forgetUnissued(side)
  return true
}

/** Forgets the request that was not issued, unless it is newer than the issued one. */
export function forgetUnissued(side: IssuedSide): void {
  const { issued, requested } = side
  if (issued && requested && requested.createdMs <= issued.createdMs) side.requested = undefined
}

/** Notes since when the request `uid` is gone; undefined: it is there. */
export function noteLost({ issued, requested }: IssuedSide, uid: string, lostMs: number | undefined): void {
  if (issued?.uid === uid) issued.lostMs = lostMs
  if (requested?.uid === uid) requested.lostMs = lostMs
}
