import type { RequestObservation } from '../issuance/observations.ts'
import { isEarly } from './compare.ts'
import { labelsFor, obtainedOf, type IssuedSide } from './svid.ts'
import { forgetUnissued, keepUnissued } from './unissued.ts'

/**
 * Takes a request for the SVID at `monotonicMs`, unless a newer one is known. Returns what has changed: `issued` for a new SVID,
 * `requested` for only the newest request that was not issued, undefined for nothing.
 */
export function takeRequest(
  side: IssuedSide,
  request: RequestObservation,
  monotonicMs: number,
): 'issued' | 'requested' | undefined {
  const { uid, createdMs } = request
  const { issued } = side
  if (issued?.uid === uid || createdMs < (issued?.createdMs ?? -Infinity)) return undefined
  return request.svid === undefined ? takeUnissued(side, request) : takeIssued(side, request, request.svid, monotonicMs)
}

function takeUnissued(side: IssuedSide, request: RequestObservation): 'requested' | undefined {
  return keepUnissued(side, request) ? 'requested' : undefined
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
