import { renewalDueMs, svidState } from '../identity/lifetime.ts'
import type { X509Svid } from '../identity/x509Svid.ts'
import type { ReadProblem } from './reasons.ts'
import type { SvidLabels, SvidView } from './view.ts'

/** One copy of an SVID. */
export interface SvidCopy {
  readonly svid: X509Svid
  /** When this SVID was first known to be there, ms since the Unix epoch. */
  readonly sinceMs: number
  /** Since when it can no longer be seen, and, for a file, why. */
  lostMs?: number
  problem?: ReadProblem
  /** Kept until anything in them changes. */
  labels?: SvidLabels
}

/** What CertificateRequests of one namespace say of one volume of a pod. Who may make requests there can say anything. */
export interface IssuedSide {
  readonly namespace: string
  readonly podUid: string
  readonly podName: string
  readonly volumeHash: string
  /** How many requests there are. */
  requests: number
  issued?: SvidCopy & { readonly uid: string; readonly createdMs: number; readonly issuer: string }
}

/** What a node's files say of one volume. */
export interface MountedSide {
  readonly podUid: string
  readonly volume: string
  mounted: SvidCopy | undefined
}

/** The view of one copy as of `nowMs`; its source saw its system last at `contactMs`. */
export function viewOf(copy: SvidCopy, labels: SvidLabels, nowMs: number, contactMs: number | undefined): SvidView {
  return {
    labels,
    svid: copy.svid,
    renewalDueMs: renewalDueMs(copy.svid),
    lastObservedMs: copy.lostMs ?? contactMs ?? copy.sinceMs,
    state: svidState(copy.svid, nowMs),
    ...(copy.problem && { problem: copy.problem }),
  }
}

/** A copy after another read of its file: an SVID replaces what was known, a problem leaves it, with its age. */
export function reread(
  copy: SvidCopy | undefined,
  reading: { readonly svid: X509Svid } | { readonly problem: ReadProblem },
  nowMs: number,
): SvidCopy | undefined {
  if ('problem' in reading) {
    return copy && { ...copy, lostMs: copy.lostMs ?? nowMs, problem: reading.problem }
  }
  const same = copy?.svid.fingerprint === reading.svid.fingerprint
  return {
    svid: reading.svid,
    sinceMs: same ? copy.sinceMs : nowMs,
    ...(same && copy.labels && { labels: copy.labels }),
  }
}
