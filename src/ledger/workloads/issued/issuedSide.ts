import type { Instant } from '../../../clock.ts'
import { isWaiting, type RequestObservation } from '../../issuance/observations.ts'
import { firstNewerOf, isEarly } from '../compared/compare.ts'
import type { PodObservation } from '../observations.ts'
import type { RememberedSvid } from '../remembered.ts'
import type { IssuedSide } from '../svid.ts'
import { labelsFor, obtainedOf, type SvidCopy } from '../svidCopy.ts'

/**
 * A request that comes within this time after one that waited is gone has replaced it. Drivers ask again after 6 minutes at most; the
 * rest is a margin.
 */
const replacedWithinMs = 10 * 60_000

/** What is known of an SVID beside its requests. */
interface KnownBeside {
  /** Since when the SVID has been asked for, if an earlier process has remembered that. */
  readonly askedMs: number | undefined
  /** Returns the mounted copy. */
  readonly mounted: () => SvidCopy | undefined
}

/** Returns the side of a volume for which nothing was requested yet. */
export function newSide(
  key: string,
  { podUid, podName }: Pick<IssuedSide, 'podUid' | 'podName'>,
  slot: number,
): IssuedSide {
  return {
    key,
    podUid,
    podName,
    slot,
    requests: 0,
    earlyRenewals: 0,
    requested: undefined,
    issued: undefined,
    firstNewer: undefined,
  }
}

/**
 * Takes a request for the SVID, unless a newer one is known. Returns what has changed: `issued` for a new SVID, `requested` for
 * only the newest request that was not issued, undefined for nothing. `monotonicMs` is now, in the time of `Clock.monotonicMs`.
 */
export function takeRequest(
  side: IssuedSide,
  request: RequestObservation,
  monotonicMs: number,
  { askedMs, mounted }: KnownBeside,
): 'issued' | 'requested' | undefined {
  const { uid, createdMs } = request
  const { issued } = side
  if (issued?.uid === uid || createdMs < (issued?.createdMs ?? -Infinity)) return undefined
  if (request.svid === undefined) return keepUnissued(side, request, askedMs) ? 'requested' : undefined
  takeIssued(side, request, request.svid, Math.floor(monotonicMs))
  if (issued) side.firstNewer = firstNewerOf(side.firstNewer, issued, mounted())
  return 'issued'
}

/**
 * Takes an SVID that an earlier process has remembered. Reports whether it is the newest one. If it is not, it may still be the first
 * that is newer than the mounted one.
 */
export function recallSvid(side: IssuedSide, remembered: RememberedSvid, { wallMs, monotonicMs }: Instant): boolean {
  const { uid, createdMs, waitedMs = 0, issuer, svid, askedMs, lostMs = createdMs, firstNewer } = remembered
  const { notBeforeMs, issuedMs } = firstNewer ?? { ...svid, issuedMs: createdMs + waitedMs }
  side.firstNewer = { notBeforeMs, issuedMs, sinceMs: monotonicMs - Math.max(0, wallMs - issuedMs) }
  if (createdMs <= (side.issued?.createdMs ?? -Infinity)) return false
  const obtainedMs = obtainedOf(svid, createdMs + waitedMs)
  side.issued = { uid, createdMs, waitedMs, lostMs, issuer, svid, sinceMs: monotonicMs, obtainedMs, askedMs }
  forgetUnissued(side)
  return true
}

/** The pod of the SVID has become known, or has another node. Its name replaces the equal string of a request, to save memory. */
export function takePod(side: IssuedSide, { name }: PodObservation): void {
  side.podName = name
  if (side.issued) side.issued.labels = undefined
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
  const isReplaced = isWaiting(before.state) && createdMs - (before.lostMs ?? createdMs) <= replacedWithinMs
  return before.uid === uid || isReplaced ? before.askedMs : createdMs
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
