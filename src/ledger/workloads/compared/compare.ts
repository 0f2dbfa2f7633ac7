import type { Instant } from '../../../clock.ts'
import type { X509Svid } from '../../../identity/x509Svid.ts'
import { heldCopy } from '../mounted/heldCopy.ts'
import type { PodObservation } from '../observations.ts'
import type { WorkloadState } from '../view.ts'
import { issuedMsOf } from '../svid.ts'
import type { IssuedCopy, IssuedSide, MountedSide, NewerSvid, Svid } from '../svid.ts'
import type { SvidCopy } from '../svidCopy.ts'

/** The moment at which the copies of an SVID are compared, and when each copy was last seen. */
export interface Moment {
  readonly now: Instant
  /** Returns when the CertificateRequests of a namespace were last seen; undefined: never. */
  readonly issuedSeen: (namespace: string) => Instant | undefined
  /** Returns when the pods of a namespace were last seen; undefined: never. */
  readonly podsSeen: (namespace: string) => Instant | undefined
  /** Returns when the files of a node were last seen, by the node of the mounted side; undefined: never. */
  readonly mountedSeen: (node: string) => Instant | undefined
  /** Returns how long a server may take to present a renewed SVID, ms, by the lifetime of the SVID. */
  readonly reloadGraceMs: (lifetimeMs: number) => number
}

/** What tells which of two SVIDs is newer. */
interface Dated {
  readonly svid: Pick<X509Svid, 'notBeforeMs'>
}

/** How long the driver may take to write an issued SVID before the mounted copy counts as stale. */
export const writeGraceMs = 10_000

/**
 * Returns the copy that is in use: the mounted one if it is known, else the issued one. A newer issued copy is in use while the
 * files have not been seen since the first newer one was issued.
 */
export function copyInUse(svid: Svid, moment: Moment): SvidCopy | undefined {
  const issued = svid.issued?.issued
  return firstUnseen(svid, moment) === undefined ? (svid.mounted?.copy ?? issued) : issued
}

/** Returns the first SVID that was issued and that the mounted copy lacks, if the files have not been seen since. */
export function firstUnseen({ issued: side, mounted }: Svid, moment: Moment): NewerSvid | undefined {
  const issued = side?.issued
  if (!issued || !mounted?.copy || !isNewer(issued, mounted.copy)) return undefined
  const newer = firstLackedBy(mounted.copy, side, issued)
  return seenForMs(newer, mounted, moment) < 0 ? newer : undefined
}

/**
 * Returns since when the mounted copy has been older than what was issued, ms since the Unix epoch: when the first newer SVID was
 * issued, however many were issued since. Undefined if it is not older, if the driver may still be writing the first newer one, or if
 * the mount may have got that one before it was lost out of sight.
 */
export function staleSinceMs({ issued: side, mounted }: Svid, moment: Moment): number | undefined {
  const issued = side?.issued
  if (!issued || !mounted?.copy || !isNewer(issued, mounted.copy)) return undefined
  const { copy, wasLostUnseen } = mounted
  if (wasLostUnseen && issuedMsOf(issued) <= (copy.lostMs ?? Infinity)) return undefined
  const newer = wasLostUnseen ? newerOf(issued) : firstLackedBy(copy, side, issued)
  return seenForMs(newer, mounted, moment) < writeGraceMs ? undefined : newer.issuedMs
}

/** Returns the first SVID that was issued and that a mounted copy lacks, which is older than the issued one. */
function firstLackedBy(mounted: SvidCopy, { firstNewer }: IssuedSide, issued: IssuedCopy): NewerSvid {
  return firstNewer && isOlderThan(mounted, firstNewer) ? firstNewer : newerOf(issued)
}

/** Returns the first issued SVID that the mounted copy lacks, once another one than `before` was issued. `known` is the former result. */
export function firstNewerOf(
  known: NewerSvid | undefined,
  before: IssuedCopy | undefined,
  mounted: SvidCopy | undefined,
): NewerSvid | undefined {
  if (mounted === undefined || (known && isOlderThan(mounted, known))) return known
  return before && isNewer(before, mounted) ? newerOf(before) : undefined
}

function newerOf(issued: IssuedCopy): NewerSvid {
  return { notBeforeMs: issued.svid.notBeforeMs, issuedMs: issuedMsOf(issued), sinceMs: issued.sinceMs }
}

/**
 * Returns the state of a workload, which is that of its worst SVID. What its containers hold counts before what is on the host, and an
 * SVID that a server still presents although it has expired counts as well.
 */
export function stateOf(svids: readonly Svid[], pod: PodObservation, moment: Moment): WorkloadState {
  let state: WorkloadState = 'valid'
  for (const svid of svids) {
    const inUse = heldCopy(pod, svid) ?? copyInUse(svid, moment)
    if (inUse && hasExpired(inUse.svid, moment.now.wallMs)) return 'expired'
    if (svid.served?.behind && hasExpired(svid.served.copy.svid, moment.now.wallMs)) return 'expired'
    if (!inUse) state = 'pending'
  }
  return state
}

export const hasExpired = (svid: X509Svid, nowMs: number): boolean => nowMs > svid.notAfterMs

/** This many early renewals in a row are no accident. */
export const tooManyEarly = 3

/** A renewal is far too early before this share of the time from the request for the SVID to its expiry has passed. */
export const earlyShare = 1 / 4

/** Reports whether a request created at `createdMs` renews the copy `before` far too early. */
export function isEarly(before: IssuedCopy, createdMs: number): boolean {
  return createdMs - before.createdMs < earlyShare * (before.svid.notAfterMs - before.createdMs)
}

/** Reports whether several renewals in a row were far too early, and another one now would be. */
export function isRenewedTooOften(side: IssuedSide | undefined, nowMs: number): boolean {
  if (side?.issued === undefined) return false
  return side.earlyRenewals >= tooManyEarly && isEarly(side.issued, nowMs)
}

/** Reports whether the SVID of one copy is newer than that of another. */
export const isNewer = (one: Dated, other: Dated): boolean => isOlderThan(other, one.svid)

const isOlderThan = ({ svid }: Dated, { notBeforeMs }: Dated['svid']): boolean => svid.notBeforeMs < notBeforeMs

/** Returns how long after the SVID was issued the node's files were last seen; negative if they were not. */
const seenForMs = ({ sinceMs }: Pick<SvidCopy, 'sinceMs'>, { node }: MountedSide, { mountedSeen }: Moment): number =>
  (mountedSeen(node)?.monotonicMs ?? -Infinity) - sinceMs
