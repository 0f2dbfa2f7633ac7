import type { RequestObservation, RequestState } from '../issuance/observations.ts'
import type { RequestReason } from '../issuance/reasons.ts'
import type { IssuedSide } from './svid.ts'

/** A request for an SVID that is newer than the issued one and has not become an SVID. Times are ms since the Unix epoch. */
export interface UnissuedRequest {
  readonly uid: string
  readonly name: string
  readonly issuer: string
  readonly createdMs: number
  /** `issued` if its certificate cannot be read. */
  readonly state: RequestState
  /** Why the request waits, was denied or failed; '' if its certificate cannot be read. */
  readonly reason: RequestReason | ''
  /** What the approver or issuer says of it; '' if that is nothing. */
  readonly message: string
  /** Since when the request is gone. It stays known in its last state until a newer one comes, because drivers delete requests. */
  lostMs?: number | undefined
}

/** Keeps a request that was not issued, unless a newer one is known or the issued one is as new. Reports whether it was kept. */
export function keepUnissued(side: IssuedSide, request: RequestObservation): boolean {
  const { uid, name, issuer, createdMs, state, reason, message = '' } = request
  if (createdMs <= (side.issued?.createdMs ?? -Infinity)) return false
  if (createdMs < (side.requested?.createdMs ?? -Infinity)) return false
  side.requested = { uid, name, issuer, createdMs, state, reason, message }
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
