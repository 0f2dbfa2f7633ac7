import type { Instant } from '../../../clock.ts'
import type { Period } from '../../../identity/lifetime.ts'
import type { Accepted, Verdict } from '../../../identity/verdict.ts'
import type { X509Svid } from '../../../identity/x509Svid.ts'
import type { RefusedReason } from '../reasons.ts'
import { sharedVerdict } from './sharedVerdicts.ts'

/** Why peers refuse a copy that has not expired. Times are ms since the Unix epoch. */
export interface Refused {
  readonly reason: RefusedReason
  /** Since when; undefined if that is not known. */
  readonly sinceMs: number | undefined
  /** What is wrong, one line; '' if the reason says all. */
  readonly detail: string
  /** The authority that has signed the chain, if one has: the SHA-256 of its certificate, lower-case hex. */
  readonly authority?: string
}

/**
 * The clocks of issuers, peers and svidwatch differ by less than this: an SVID that becomes valid sooner than that is accepted. A wrong
 * clock of svidwatch alone must not say that all SVIDs are refused.
 */
export const earlyMs = 3 * 60_000

/** A bundle and an SVID that are renewed together are not written in the same instant. */
export const settleMs = 5_000

/** How peers judge a copy, apart from the time: their verdict, and since when it is a refusal. */
export interface PeersView {
  readonly verdict?: Verdict | undefined
  readonly refusedSince?: Instant | undefined
}

/**
 * Returns how peers judge a copy after it was read at `now` with this verdict. A file that was refused already when it was first read has
 * been refused since it was written, at `writtenMs`.
 */
export function peersAfter(
  before: PeersView | undefined,
  verdict: Verdict | undefined,
  now: Instant,
  writtenMs?: number,
): PeersView {
  if (verdict === undefined) return {}
  if (!('refusal' in verdict)) return { verdict: sharedVerdict(verdict) }
  const beganMs = before === undefined && writtenMs !== undefined ? Math.min(writtenMs, now.wallMs) : now.wallMs
  return { verdict, refusedSince: before?.refusedSince ?? { ...now, wallMs: beganMs } }
}

/** Returns only how peers judge a copy, of a larger object. */
export const peersOf = ({ verdict, refusedSince }: PeersView = {}): PeersView => ({
  ...(verdict && { verdict }),
  ...(refusedSince && { refusedSince }),
})

/**
 * Returns why peers refuse a copy at `nowMs`; undefined if they do not, or if only its expiry is the reason. `seen` is when the place of
 * the copy was last seen; undefined: never. What expires after `knownMs` does not count, because the copy may have been replaced.
 */
export function refusedOf(
  svid: X509Svid,
  { verdict, refusedSince }: PeersView,
  seen: Instant | undefined,
  nowMs: number,
  knownMs = nowMs,
): Refused | undefined {
  if (knownMs > svid.notAfterMs) return undefined
  if (verdict && 'refusal' in verdict) {
    const { refusal: reason, detail } = verdict
    const isSettled = refusedSince && seen && seen.monotonicMs - refusedSince.monotonicMs >= settleMs
    return isSettled ? { reason, sinceMs: refusedSince.wallMs, detail } : undefined
  }
  return refusedInTime(svid, verdict, nowMs, knownMs)
}

/**
 * Returns why peers refuse a copy at `nowMs` that they accept while all certificates are valid; undefined if they do not, or if only its
 * expiry is the reason.
 */
export function refusedInTime(
  svid: X509Svid,
  accepted: Accepted | undefined,
  nowMs: number,
  knownMs: number,
): Refused | undefined {
  const behind = accepted?.period ?? svid.chain
  const hasExpired = behind !== undefined && knownMs > behind.notAfterMs
  const isEarly = isTooEarly(svid, nowMs) || (behind !== undefined && isTooEarly(behind, nowMs))
  if (!hasExpired && !isEarly) return undefined
  const rest = { detail: '', ...(accepted && { authority: accepted.authority }) }
  if (hasExpired) return { reason: 'chain_expired', sinceMs: behind.notAfterMs, ...rest }
  return { reason: 'not_valid_yet', sinceMs: undefined, ...rest }
}

const isTooEarly = ({ notBeforeMs }: Period, nowMs: number): boolean => notBeforeMs > nowMs + earlyMs
