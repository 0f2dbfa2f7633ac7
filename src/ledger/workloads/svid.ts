import type { RenewalRule } from '../../identity/renewal.ts'
import type { X509Svid } from '../../identity/x509Svid.ts'
import type { PodObservation, Reading } from './observations.ts'
import type { ReadProblem } from './reasons.ts'
import type { CopyName, SvidLabels } from './view.ts'

/** One copy of an SVID: the X.509-SVID that is, or was last, in one of its places. Times are ms since the Unix epoch. */
export interface SvidCopy {
  readonly svid: X509Svid
  /** When it was first known to be there. */
  readonly sinceMs: number
  /** When the workload got it, where that is known and much later than notBefore. */
  readonly obtainedMs: number | undefined
  /** Since when it can no longer be seen, and, for a file, why. */
  lostMs?: number | undefined
  problem?: ReadProblem
  /** Kept until anything in them changes. */
  labels?: SvidLabels | undefined
}

/** What CertificateRequests of one namespace say of one volume of a pod. Who may make requests there can say anything. */
export interface IssuedSide {
  /** `issuedKey` of the namespace and the volume. */
  readonly key: string
  readonly podUid: string
  readonly podName: string
  readonly slot: number
  /** How many requests there are. */
  requests: number
  /** How many renewals in a row came far too early. */
  early: number
  /** Until one is issued: whom the newest request asks. */
  asked: { readonly issuer: string; readonly createdMs: number } | undefined
  issued: IssuedCopy | undefined
}

/** What a request was issued, with the request's uid, issuer and creation time. */
export interface IssuedCopy extends SvidCopy {
  readonly uid: string
  readonly createdMs: number
  readonly issuer: string
}

/** What the last reads of a certificate file say: the SVID that could be read last, and why the file cannot be read now. */
export interface FileSide {
  readonly slot: number
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

/** What of the labels says where a copy is. */
export type PlaceLabels = Pick<SvidLabels, 'namespace' | 'pod' | 'volume' | 'node'>

/** One SVID of a workload: one identity in one place, and what is known of each copy of it. No source brings a served one yet. */
export interface Svid {
  readonly place: PlaceLabels
  /** `issuedKey` of its volume; '' where its pod is not known. */
  readonly key: string
  /** When whoever writes it renews it. */
  readonly rule: RenewalRule
  issued: IssuedSide | undefined
  mounted: MountedSide | undefined
  served: FileSide | undefined
}

/** A workload with its SVIDs. Without a pod, the workload is what one side claims of a pod that nobody could ask for. */
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

/** A file system may tell a time that is yet to come. */
const earlier = (writtenMs: number | undefined, nowMs: number) => writtenMs && Math.min(writtenMs, nowMs)

/** A notBefore that is so much earlier than the SVID was obtained is dated back. */
const datedBackMs = 60_000

/** When an SVID was obtained, where that is known to be so much later than notBefore that it matters. */
export function obtainedOf({ notBeforeMs }: X509Svid, obtainedMs: number | undefined): number | undefined {
  return obtainedMs !== undefined && obtainedMs > notBeforeMs + datedBackMs ? obtainedMs : undefined
}

/** What names a volume among all that were issued for. Joined, because V8 would keep the parts of a template string as well. */
export const issuedKey = (namespace: string, hash: string): string => [namespace, hash].join('/')

/** The namespace and the volume's hash of such a key. */
export function partsOfKey(key: string): { readonly namespace: string; readonly hash: string } {
  const slash = key.indexOf('/')
  return { namespace: key.slice(0, slash), hash: key.slice(slash + 1) }
}

/** Who issues the SVID; '' where no request has told. */
export function issuerOf(side: IssuedSide | undefined): string {
  return side?.issued?.issuer ?? side?.asked?.issuer ?? ''
}

/**
 * A file after another read: an SVID replaces what was known, a problem leaves it, with its age. `writtenMs` tells when the file
 * was written; a file that is written again with the same SVID was obtained before.
 */
export function reread(
  side: FileSide | undefined,
  reading: Reading,
  nowMs: number,
  writtenMs: number | undefined,
): Omit<FileSide, 'slot'> {
  const copy = side?.copy
  if ('problem' in reading) {
    const { problem } = reading
    return { problem, ...(copy && { copy: { ...copy, lostMs: copy.lostMs ?? nowMs, problem } }) }
  }
  const { svid } = reading
  const isSame = copy?.svid.fingerprint === svid.fingerprint
  const { sinceMs, obtainedMs } = isSame
    ? copy
    : { sinceMs: nowMs, obtainedMs: obtainedOf(svid, earlier(writtenMs, nowMs)) }
  return { copy: { svid, sinceMs, obtainedMs, labels: labelsFor(svid, copy) } }
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

/** The labels of a copy in a pod's volume, made once. */
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
