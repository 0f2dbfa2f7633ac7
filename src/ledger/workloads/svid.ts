import type { Instant } from '../../clock.ts'
import type { RenewalRule } from '../../identity/renewal.ts'
import type { X509Svid } from '../../identity/x509Svid.ts'
import type { RequestObservation, TrustDomains } from '../issuance/observations.ts'
import type { PodObservation, Reading } from './observations.ts'
import type { ReadProblem } from './reasons.ts'
import type { CopyName, SvidLabels } from './view.ts'

/** One copy of an SVID: the X.509-SVID that is, or last was, in one place. Times are ms since the Unix epoch. */
export interface SvidCopy {
  readonly svid: X509Svid
  /** When this process first saw the copy, in the time of `Clock.monotonicMs`. */
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

/** What the CertificateRequests of one namespace say about one volume of a pod. Anyone who may create requests there can write anything. */
export interface IssuedSide {
  /** `issuedKey` of the namespace and the volume. */
  readonly key: string
  readonly podUid: string
  podName: string
  readonly slot: number
  requests: number
  /** How many renewals in a row were far too early. */
  earlyRenewals: number
  /** The newest request, while it is newer than the issued one. Undefined while all is well. */
  requested: UnissuedRequest | undefined
  issued: IssuedCopy | undefined
  /** The first SVID that was issued and is not mounted, where others were issued since. It counts while the mounted one is older. */
  firstNewer: NewerSvid | undefined
}

/** When an SVID was issued that is newer than the mounted one. Times are ms since the Unix epoch. */
export interface NewerSvid {
  readonly notBeforeMs: number
  readonly issuedMs: number
  /** When it was issued or this process first saw it, in the time of `Clock.monotonicMs`. */
  readonly sinceMs: number
}

/** A request for an SVID that is newer than the issued one and has not become an SVID. Times are ms since the Unix epoch. */
export interface UnissuedRequest {
  readonly uid: string
  readonly name: string
  readonly issuer: string
  readonly createdMs: number
  /**
   * Since when the SVID has been asked for without an answer: when this request was created, or the first of those that it has
   * replaced while they waited.
   */
  readonly askedMs: number
  /** `issued` if its certificate cannot be read. */
  readonly state: RequestObservation['state']
  /** Why the request waits, was denied or failed; '' if its certificate cannot be read. */
  readonly reason: RequestObservation['reason']
  /** What the approver or issuer says of it; '' if that is nothing. */
  readonly message: string
  /** The trust domains that a denial names, if they differ. */
  readonly trustDomains?: TrustDomains
  /** Since when the request is gone. It stays known in its last state until a newer one comes, because drivers delete requests. */
  lostMs?: number | undefined
}

/** The issued copy of an SVID, with the uid, issuer and creation time of its request. */
export interface IssuedCopy extends SvidCopy {
  readonly uid: string
  readonly createdMs: number
  /** How long the request had waited when it was issued, ms. */
  readonly waitedMs: number
  readonly issuer: string
  /** Since when the next SVID has been asked for without an answer, if an earlier process has remembered that. */
  readonly askedMs?: number | undefined
}

/** What is known of a certificate file: the SVID that was read last, and why the file cannot be read now. */
export interface FileSide {
  readonly slot: number
  readonly copy?: SvidCopy
  readonly problem?: ReadProblem
}

/** What a node's files say about one volume. */
export interface MountedSide extends FileSide {
  /** The node whose node role reports it; '' (`thisProcess`) if this process has seen it itself. */
  readonly node: string
  readonly podUid: string
  readonly volume: string
  /** The volume no longer exists, but its pod runs. */
  readonly isGone: boolean
}

/** The labels that say where a copy is. */
export type PlaceLabels = Pick<SvidLabels, 'namespace' | 'pod' | 'volume' | 'node'>

/** One SVID of a workload: one identity in one place, and what is known of each copy. No source reports the served copy yet. */
export interface Svid {
  readonly place: PlaceLabels
  /** `issuedKey` of its volume; '' if its pod is not known. */
  readonly key: string
  /** When the writer of the SVID renews it. */
  readonly rule: RenewalRule
  issued: IssuedSide | undefined
  mounted: MountedSide | undefined
  served: FileSide | undefined
}

/** A workload with its SVIDs. Without a pod, the workload is known only from a request or a finding. */
export interface Workload {
  readonly pod?: PodObservation
  readonly svids: readonly Svid[]
}

/** A pod with volumes for SVIDs. */
export interface KnownPod extends Workload {
  pod: PodObservation
  /** Its copies have left the views for good: followers hear no more of them. */
  hasLeft: boolean
}

/** A file system may give a time in the future. */
const pastTime = (writtenMs: number | undefined, nowMs: number) => writtenMs && Math.min(writtenMs, nowMs)

/** The clocks of nodes differ by less than this. A file that was written later than that has no time that could be believed. */
const clocksDifferMs = 60_000

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

/** The key of a volume for which SVIDs were issued. Made with join, because V8 would keep the parts of a template string too. */
export const issuedKey = (namespace: string, hash: string): string => [namespace, hash].join('/')

/** Returns when a copy was issued, ms since the Unix epoch. */
export const issuedMsOf = ({ createdMs, waitedMs }: IssuedCopy): number => createdMs + waitedMs

export function partsOfKey(key: string): { readonly namespace: string; readonly hash: string } {
  const slash = key.indexOf('/')
  return { namespace: key.slice(0, slash), hash: key.slice(slash + 1) }
}

/** Returns the issuer of an SVID; '' if no request names it. */
export function issuerOf(side: IssuedSide | undefined): string {
  return side?.issued?.issuer ?? side?.requested?.issuer ?? ''
}

/**
 * Returns the state of a file after another read. An SVID replaces the last one; a problem leaves the last one, with its age.
 * `writtenMs` is when the file was written. If it was written again with the same SVID, the first time counts.
 */
export function reread(
  side: FileSide | undefined,
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
  return { copy: { svid, sinceMs: now.monotonicMs, obtainedMs, writtenAfterMs, labels: labelsFor(svid, copy) } }
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

/** Returns the labels of a copy in a pod's volume. They are made once. */
export function labelsOf(
  copy: SvidCopy,
  { namespace, pod, volume, node }: PlaceLabels,
  issuer: string,
  name: CopyName,
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
    copy: name,
  })
}

/** Returns the labels of the mounted copy of an SVID. */
export const mountedLabels = ({ place, issued }: Svid, copy: SvidCopy): SvidLabels =>
  labelsOf(copy, place, issuerOf(issued), 'mounted')

/**
 * Returns when a workload got the SVID in its file, if that is known and much later than notBefore. A file may be written again
 * with the same SVID, so the time of the request is the better one.
 */
export function obtainedMsOf({ issued: side }: Svid, copy: SvidCopy): number | undefined {
  const issued = side?.issued
  return issued?.svid.fingerprint === copy.svid.fingerprint ? issued.obtainedMs : copy.obtainedMs
}

/** The labels of a file from which no SVID has been read yet. */
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
