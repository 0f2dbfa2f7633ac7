import type { Instant } from '../../clock.ts'
import type { RequestObservation } from '../issuance/observations.ts'
import { firstNewerOf, isEarly } from './compare.ts'
import type { PodObservation } from './observations.ts'
import type { RememberedSvid } from './remembered.ts'
import { labelsFor, obtainedOf, type IssuedSide, type SvidCopy } from './svid.ts'

/**
 * Takes a request for the SVID, unless a newer one is known. Returns what has changed: `issued` for a new SVID, `requested` for
 * only the newest request that was not issued, undefined for nothing. `monotonicMs` is now, in the time of `Clock.monotonicMs`.
 * `mounted` returns the mounted copy of the SVID.
 */
export function takeRequest(
  side: IssuedSide,
  request: RequestObservation,
  monotonicMs: number,
  mounted: () => SvidCopy | undefined,
): 'issued' | 'requested' | undefined {
  const { uid, createdMs } = request
  const { issued } = side
  if (issued?.uid === uid || createdMs < (issued?.createdMs ?? -Infinity)) return undefined
  if (request.svid === undefined) return takeUnissued(side, request)
  takeIssued(side, request, request.svid, monotonicMs)
  if (issued) side.firstNewer = firstNewerOf(side.firstNewer, issued, mounted())
  return 'issued'
}

/**
 * Takes an SVID that an earlier process has remembered. Reports whether it is the newest one. If it is not, it may still be the first
 * that is newer than the mounted one.
 */
export function recallSvid(side: IssuedSide, remembered: RememberedSvid, { wallMs, monotonicMs }: Instant): boolean {
  const { uid, createdMs, waitedMs = 0, issuer, svid, lostMs = createdMs, firstNewer } = remembered
  const { notBeforeMs, issuedMs } = firstNewer ?? { ...svid, issuedMs: createdMs + waitedMs }
  side.firstNewer = { notBeforeMs, issuedMs, sinceMs: monotonicMs - Math.max(0, wallMs - issuedMs) }
  if (createdMs <= (side.issued?.createdMs ?? -Infinity)) return false
  const obtainedMs = obtainedOf(svid, createdMs + waitedMs)
  side.issued = { uid, createdMs, waitedMs, lostMs, issuer, svid, sinceMs: monotonicMs, obtainedMs }
  forgetUnissued(side)
  return true
}

/** The pod of the SVID has become known, or has another node. Its name replaces the equal string of a request, to save memory. */
export function takePod(side: IssuedSide, { name }: PodObservation): void {
  side.podName = name
  if (side.issued) side.issued.labels = undefined
}

function takeUnissued(side: IssuedSide, request: RequestObservation): 'requested' | undefined {
  return keepUnissued(side, request) ? 'requested' : undefined
}

function takeIssued(
  side: IssuedSide,
  { uid, createdMs, concludedMs = createdMs, issuer }: RequestObservation,
  svid: NonNullable<RequestObservation['svid']>,
  sinceMs: number,
): void {
  const before = side.issued
  const labels = labelsFor(svid, before, issuer)
  side.earlyRenewals = before && isEarly(before, createdMs) ? side.earlyRenewals + 1 : 0
  const waitedMs = Math.max(0, concludedMs - createdMs)
  side.issued = { uid, createdMs, waitedMs, issuer, svid, sinceMs, obtainedMs: obtainedOf(svid, concludedMs), labels }
  forgetUnissued(side)
}

/** Keeps a request that was not issued, unless a newer one is known or the issued one is as new. Reports whether it was kept. */
function keepUnissued(side: IssuedSide, request: RequestObservation): boolean {
  const { uid, name, issuer, createdMs, state, reason, message = '' } = request
  if (createdMs <= (side.issued?.createdMs ?? -Infinity)) return false
  if (createdMs < (side.requested?.createdMs ?? -Infinity)) return false
  side.requested = { uid, name, issuer, createdMs, state, reason, message }
  return true
}

/** Forgets the request that was not issued, unless it is newer than the issued one. */
function forgetUnissued(side: IssuedSide): void {
  const { issued, requested } = side
  if (issued && requested && requested.createdMs <= issued.createdMs) side.requested = undefined
}

/** Notes since when the request `uid` is gone; undefined: it is there. */
export function noteLost({ issued, requested }: IssuedSide, uid: string, lostMs: number | undefined): void {
  if (issued?.uid === uid) issued.lostMs = lostMs
  if (requested?.uid === uid) requested.lostMs = lostMs
}
