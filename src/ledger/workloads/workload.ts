import { svidState } from '../../identity/lifetime.ts'
import { renewalDueMs, renewalRules } from '../../identity/renewal.ts'
import type { X509Svid } from '../../identity/x509Svid.ts'
import type { Reading } from './observations.ts'
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
  labels?: SvidLabels | undefined
}

/** What CertificateRequests of one namespace say of one volume of a pod. Who may make requests there can say anything. */
export interface IssuedSide {
  readonly namespace: string
  readonly podUid: string
  readonly podName: string
  readonly volumeHash: string
  /** How many requests there are. */
  requests: number
  /** Until one is issued: whom the newest request asks. */
  asked: { readonly issuer: string; readonly createdMs: number } | undefined
  issued: (SvidCopy & { readonly uid: string; readonly createdMs: number; readonly issuer: string }) | undefined
}

/** Who issues the SVIDs of a volume; '' where no request has told. */
export function issuerOf(side: IssuedSide | undefined): string {
  return side?.issued?.issuer ?? side?.asked?.issuer ?? ''
}

/** What the last reads of a certificate file say: the SVID that could be read last, and why the file cannot be read now. */
export interface FileSide {
  readonly copy?: SvidCopy
  readonly problem?: ReadProblem
}

/** What a node's files say of one volume. */
export interface MountedSide extends FileSide {
  /** Whose node role tells it; '' is what this process sees itself. */
  readonly node: string
  readonly podUid: string
  readonly volume: string
  /** The volume is there no more, but its pod runs. */
  readonly isGone: boolean
}

/** When sources saw their systems last, ms since the Unix epoch; undefined: never. */
export interface Contacts {
  issuedMs(): number | undefined
  /** By the node of the mounted side. */
  mountedMs(node: string): number | undefined
}

/** What names a volume among all that were issued for. Joined, because V8 would keep the parts of a template string as well. */
export const issuedKey = (namespace: string, hash: string): string => [namespace, hash].join('/')

/** The view of one copy as of `nowMs`; its source saw its system last at `contactMs`. */
export function viewOf(
  copy: SvidCopy,
  labels: SvidLabels,
  nowMs: number,
  contactMs: number | undefined,
  inUse: boolean,
): SvidView {
  const dueMs = renewalDueMs(copy.svid, renewalRules.other)
  return {
    labels,
    svid: copy.svid,
    renewalDueMs: dueMs,
    lastObservedMs: copy.lostMs ?? contactMs ?? copy.sinceMs,
    state: svidState(copy.svid.notAfterMs, dueMs, nowMs),
    inUse,
    ...(copy.problem && { problem: copy.problem }),
  }
}

/** A file after another read: an SVID replaces what was known, a problem leaves it, with its age. */
export function reread(side: FileSide | undefined, reading: Reading, nowMs: number): FileSide {
  const copy = side?.copy
  if ('problem' in reading) {
    const { problem } = reading
    return { problem, ...(copy && { copy: { ...copy, lostMs: copy.lostMs ?? nowMs, problem } }) }
  }
  const { svid } = reading
  const sinceMs = copy?.svid.fingerprint === svid.fingerprint ? copy.sinceMs : nowMs
  return { copy: { svid, sinceMs, labels: labelsFor(svid, copy) } }
}

/** The labels of a copy, where another SVID in its place, of that issuer, has the same. */
export function labelsFor(
  { spiffeId }: X509Svid,
  copy: SvidCopy | undefined,
  issuer = copy?.labels?.issuer,
): SvidLabels | undefined {
  const labels = copy?.labels
  return labels?.spiffe_id === spiffeId && labels.issuer === issuer ? labels : undefined
}

/** What of the labels says where a copy is. */
export type PlaceLabels = Pick<SvidLabels, 'namespace' | 'pod' | 'volume' | 'node'>

/** The labels of a copy, made once. */
export function labelsOf(
  copy: SvidCopy,
  { namespace, pod, volume, node }: PlaceLabels,
  issuer: string,
  which: SvidLabels['copy'],
): SvidLabels {
  const { spiffeId, trustDomain } = copy.svid
  return (copy.labels ??= {
    spiffe_id: spiffeId,
    trust_domain: trustDomain,
    namespace,
    pod,
    volume,
    node,
    issuer,
    file: '',
    copy: which,
    memo: undefined,
  })
}

/** The labels of a file that has shown no SVID yet. */
export const unreadLabels: SvidLabels = {
  spiffe_id: '',
  trust_domain: '',
  namespace: '',
  pod: '',
  volume: '',
  node: '',
  issuer: '',
  file: '',
  copy: 'mounted',
}
