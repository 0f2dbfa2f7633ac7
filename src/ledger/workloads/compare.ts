import type { X509Svid } from '../../identity/x509Svid.ts'
import type { DriftCause, WorkloadState } from './view.ts'
import type { IssuedCopy, IssuedSide, MountedSide, Svid, SvidCopy } from './svid.ts'

/** As of when the copies of an SVID are compared, and when each was last seen. Times are ms since the Unix epoch. */
export interface Moment {
  readonly nowMs: number
  /** When CertificateRequests were last seen; undefined: never. */
  readonly issuedSeenMs: number | undefined
  /** When the files of a node were last seen, by the node of the mounted side; undefined: never. */
  readonly mountedSeenMs: (node: string) => number | undefined
}

/** How long the driver may take to write what was issued before the mounted copy counts as stale. */
const writeGraceMs = 10_000

/**
 * Returns the copy that a workload goes by: what is mounted, where it is known; but what was issued, where nobody has looked at
 * the files since.
 */
export function copyInUse({ issued: side, mounted }: Svid, moment: Moment): SvidCopy | undefined {
  const issued = side?.issued
  const copy = mounted?.copy
  if (!mounted || !copy || !issued || !isNewer(issued, copy)) return copy ?? issued
  return seenForMs(issued, mounted, moment) < 0 ? issued : copy
}

/** Returns in which way two copies differ that should be the same; undefined where none does. */
export function driftOf({ issued: side, mounted }: Svid, moment: Moment): DriftCause | undefined {
  const issued = side?.issued
  if (!issued || !mounted?.copy || !isNewer(issued, mounted.copy)) return undefined
  return seenForMs(issued, mounted, moment) < writeGraceMs ? undefined : 'mount_stale'
}

/** Returns how a workload stands with its SVIDs: of several, the worst counts. */
export function stateOf(svids: readonly Svid[], moment: Moment): WorkloadState {
  let state: WorkloadState = 'valid'
  for (const svid of svids) {
    const inUse = copyInUse(svid, moment)
    if (inUse && hasExpired(inUse.svid, moment.nowMs)) return 'expired'
    if (!inUse) state = 'pending'
  }
  return state
}

export const hasExpired = (svid: X509Svid, nowMs: number): boolean => nowMs > svid.notAfterMs

/** So many renewals in a row that come far too early are no accident. */
const tooManyEarly = 3

/** A renewal before this share of the time from getting an SVID to its expiry comes far too early. */
const earlyShare = 1 / 4

/** Reports whether an SVID that was issued in the place of another one came far too early. */
export function isEarly(before: IssuedCopy, createdMs: number): boolean {
  return createdMs - before.createdMs < earlyShare * (before.svid.notAfterMs - before.createdMs)
}

/** Reports whether an SVID is renewed far too often: it was, several times in a row, and the newest one is as young. */
export function isRenewedTooOften({ issued, early }: IssuedSide, nowMs: number): boolean {
  return issued !== undefined && early >= tooManyEarly && isEarly(issued, nowMs)
}

const isNewer = (one: SvidCopy, other: SvidCopy): boolean => one.svid.notBeforeMs > other.svid.notBeforeMs

/** How long after the SVID was issued the node's files were still seen. */
const seenForMs = ({ sinceMs }: SvidCopy, { node }: MountedSide, { mountedSeenMs }: Moment): number =>
  (mountedSeenMs(node) ?? -Infinity) - sinceMs
