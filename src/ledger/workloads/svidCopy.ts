import type { Instant } from '../../clock.ts'
import type { X509Svid } from '../../identity/x509Svid.ts'
import type { Reading } from './observations.ts'
import type { ReadProblem } from './reasons.ts'
import type { SvidLabels } from './view.ts'

/** One copy of an SVID: the X.509-SVID that is, or last was, in one place. Times are ms since the Unix epoch. */
export interface SvidCopy {
  readonly svid: X509Svid
  /** When this process first saw the copy, in the time of `Clock.monotonicMs`. Whole ms take no object of their own. */
  readonly sinceMs: number
  /** When the workload got the SVID, if that is known and much later than notBefore. */
  readonly obtainedMs: number | undefined
  /** How long after notBefore the file of the copy was written, ms; undefined if that is not known, or if it is in no file. */
  readonly writtenAfterMs?: number | undefined
  /** Since when the copy can no longer be seen. */
  lostMs?: number | undefined
  /** Why the file of the copy cannot be read. */
  problem?: ReadProblem
  /** The same object, until a label changes. */
  labels?: SvidLabels | undefined
}

/** What is known of a certificate file: the SVID that was read last, and why the file cannot be read now. */
export interface FileSide {
  readonly slot: number
  readonly copy?: SvidCopy
  readonly problem?: ReadProblem
}

/** Returns when the file of a copy was written, ms since the Unix epoch; undefined if nobody knows. */
export const writtenMsOf = ({ svid, writtenAfterMs }: SvidCopy): number | undefined =>
  writtenAfterMs === undefined ? undefined : svid.notBeforeMs + writtenAfterMs

/** A file system may give a time in the future. */
const pastTime = (writtenMs: number | undefined, nowMs: number) => writtenMs && Math.min(writtenMs, nowMs)

/** The clocks of nodes differ by less than this. A file that was written later than that has no time that could be believed. */
export const clocksDifferMs = 60_000

/** Returns how long after notBefore a file was written, ms; undefined if nobody knows. */
function writtenAfter({ notBeforeMs }: X509Svid, writtenMs: number | undefined, nowMs: number): number | undefined {
  return writtenMs && writtenMs <= nowMs + clocksDifferMs ? Math.round(writtenMs - notBeforeMs) : undefined
}

/** If notBefore is more than this long before the SVID was obtained, the issuer has dated it back. */
const datedBackMs = 60_000

/** Returns when an SVID was obtained, if that is known and notBefore is dated back. */
export function obtainedOf({ notBeforeMs }: X509Svid, obtainedMs: number | undefined): number | undefined {
  return obtainedMs !== undefined && obtainedMs > notBeforeMs + datedBackMs ? obtainedMs : undefined
}

/**
 * Returns the state of a file after another read. An SVID replaces the last one; a problem leaves the last one, with its age.
 * `writtenMs` is when the file was written. If it was written again with the same SVID, the first time counts.
 */
export function reread(
  side: Pick<FileSide, 'copy'> | undefined,
  reading: Reading,
  now: Instant,
  writtenMs: number | undefined,
): Omit<FileSide, 'slot'> {
  const copy = side?.copy
  if ('problem' in reading) {
    const { problem } = reading
    return { problem, ...(copy && { copy: { ...copy, lostMs: copy.lostMs ?? now.wallMs, problem } }) }
  }
  const { svid } = reading
  const isSame = copy?.svid.fingerprint === svid.fingerprint
  if (isSame) {
    const { sinceMs, obtainedMs, writtenAfterMs } = copy
    return { copy: { svid, sinceMs, obtainedMs, writtenAfterMs, labels: labelsFor(svid, copy) } }
  }
  const obtainedMs = obtainedOf(svid, pastTime(writtenMs, now.wallMs))
  const writtenAfterMs = writtenAfter(svid, writtenMs, now.wallMs)
  return {
    copy: { svid, sinceMs: Math.floor(now.monotonicMs), obtainedMs, writtenAfterMs, labels: labelsFor(svid, copy) },
  }
}

/** Returns the labels of a copy if another SVID of that issuer in its place has the same. */
export function labelsFor(
  { spiffeId }: X509Svid,
  copy: SvidCopy | undefined,
  issuer = copy?.labels?.issuer,
): SvidLabels | undefined {
  const labels = copy?.labels
  return labels?.spiffe_id === spiffeId && labels.issuer === issuer ? labels : undefined
}
