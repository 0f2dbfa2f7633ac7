import type { RenewalRule } from '../../identity/renewal.ts'
import type { RequestObservation, TrustDomains } from '../issuance/observations.ts'
import type { MountState } from './mounted/mountState.ts'
import type { PodObservation } from './observations.ts'
import type { PodProbes, ServedSide } from './served/servedSide.ts'
import type { FileSide, SvidCopy } from './svidCopy.ts'
import type { CopyName, SvidLabels } from './view.ts'

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

/** What a node's files say about one volume. */
export interface MountedSide extends FileSide, MountState {
  /** The node whose node role reports it; '' (`thisProcess`) if this process has seen it itself. */
  readonly node: string
  readonly podUid: string
  readonly volume: string
  /** The volume no longer exists, but its pod runs. */
  readonly isGone: boolean
}

/** The labels that say where a copy is. */
export type PlaceLabels = Pick<SvidLabels, 'namespace' | 'pod' | 'volume' | 'node'>

/** One SVID of a workload: one identity in one place, and what is known of each copy. */
export interface Svid {
  readonly place: PlaceLabels
  /** `issuedKey` of its volume; '' if its pod is not known. */
  readonly key: string
  /** When the writer of the SVID renews it. */
  readonly rule: RenewalRule
  issued: IssuedSide | undefined
  mounted: MountedSide | undefined
  served: ServedSide | undefined
  /**
   * `isSuspect` of drift.ts, as of the last change of the pod or of a copy. It is kept, because a scrape would have to fetch all that it
   * depends on from memory.
   */
  isSuspect: boolean
}

/** A workload with its SVIDs. Without a pod, the workload is known only from a request or a finding. */
export interface Workload {
  readonly pod?: PodObservation
  readonly svids: readonly Svid[]
  /** What probes of the pod's ports came to; undefined if none was probed. */
  readonly probes?: PodProbes | undefined
}

/** A pod with volumes for SVIDs. */
export interface KnownPod extends Workload {
  pod: PodObservation
  /** Its copies have left the views for good: followers hear no more of them. */
  hasLeft: boolean
  probes: PodProbes | undefined
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
