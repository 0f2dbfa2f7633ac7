import type { RequestObservation } from '../issuance/observations.ts'
import { isEarly } from './compare.ts'
import { labelsFor, obtainedOf, type IssuedSide } from './svid.ts'

/**
 * Takes in a request for the SVID, unless a newer one is known. Returns what is new: the SVID that was issued, only whom it is
 * asked of, or nothing.
 */
export function takeRequest(
  side: IssuedSide,
  request: RequestObservation,
  nowMs: number,
): 'issued' | 'asked' | undefined {
  const { uid, createdMs } = request
  const { issued } = side
  if (issued?.uid === uid || createdMs < (issued?.createdMs ?? -Infinity)) return undefined
  return request.svid === undefined ? ask(side, request) : issue(side, request, request.svid, nowMs)
}

/** Of requests that wait, the newest says who issues; once one was issued, that one does. */
function ask(side: IssuedSide, { issuer, createdMs }: RequestObservation): 'asked' | undefined {
  if (side.issued !== undefined || createdMs < (side.asked?.createdMs ?? -Infinity)) return undefined
  side.asked = { issuer, createdMs }
  return 'asked'
}

function issue(
  side: IssuedSide,
  { uid, createdMs, concludedMs = createdMs, issuer }: RequestObservation,
  svid: NonNullable<RequestObservation['svid']>,
  sinceMs: number,
): 'issued' {
  const before = side.issued
  const labels = labelsFor(svid, before, issuer)
  side.early = before && isEarly(before, createdMs) ? side.early + 1 : 0
  side.issued = { uid, createdMs, issuer, svid, sinceMs, obtainedMs: obtainedOf(svid, concludedMs), labels }
  side.asked = undefined
  return 'issued'
}
