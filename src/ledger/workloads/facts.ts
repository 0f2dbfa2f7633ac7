import { renewalDueMs } from '../../identity/renewal.ts'
import type { X509Svid } from '../../identity/x509Svid.ts'
import { copyInUse, firstUnseen, isRenewedTooOften, staleSinceMs, type Moment } from './compare.ts'
import type { PodObservation } from './observations.ts'
import { isOver, isRunning } from './pods.ts'
import type { ReadProblem } from './reasons.ts'
import {
  issuedMsOf,
  issuerOf,
  labelsOf,
  mountedLabels,
  obtainedMsOf,
  unreadLabels,
  type IssuedCopy,
  type IssuedSide,
  type Svid,
  type SvidCopy,
  type Workload,
} from './svid.ts'
import type { SvidLabels } from './view.ts'

/** One copy of an SVID, as it is judged. Times are ms since the Unix epoch. */
export interface CopyFacts {
  readonly labels: SvidLabels
  readonly svid: X509Svid
  readonly renewalDueMs: number
  /**
   * Until when the copy is known: until the last evidence that it is still as it was, -Infinity if it was never seen, as with a copy
   * that an earlier process has remembered.
   */
  readonly knownMs: number
}

/** One SVID with all that its diagnosis depends on. Times are ms since the Unix epoch. */
export interface SvidFacts {
  /** Names the SVID: the key of its volume, the uid of a pod that is not known and the volume, or the file. */
  readonly key: string
  /** The labels of the SVID where no copy has any. */
  readonly labels: SvidLabels
  readonly issued: CopyFacts | undefined
  readonly mounted: CopyFacts | undefined
  /** Why the certificate file cannot be read at present. */
  readonly problem: ReadProblem | undefined
  /** Since when the mounted copy is older than what was issued: when the first newer SVID was. Undefined if it is not older. */
  readonly staleSinceMs: number | undefined
  /** When the newest SVID was issued, and how long its request had waited by then, ms. */
  readonly issuedMs: number | undefined
  readonly waitedMs: number
  readonly isRenewedTooOften: boolean
  /** The running pod has no known SVID, although requests are seen. */
  readonly isWaiting: boolean
  /** Since when the pod has been waiting, if that is known. */
  readonly waitingSinceMs: number | undefined
  /** The newest request, if it is newer than the issued SVID and was not issued. */
  readonly requested: IssuedSide['requested']
  /** For how long an issued SVID that the mounted copy lacks has been known without a look at the files, ms; 0 if there is none. */
  readonly unseenForMs: number
  /** When requests were last seen; undefined: never. */
  readonly requestsKnownMs: number | undefined
  /** Whether requests can be seen at present, as far as is known. */
  readonly seesRequests: boolean
  readonly muted: boolean
}

/** The facts about an SVID that has no requests and no pod. */
export const noFacts = {
  issued: undefined,
  staleSinceMs: undefined,
  issuedMs: undefined,
  waitedMs: 0,
  isRenewedTooOften: false,
  unseenForMs: 0,
  isWaiting: false,
  waitingSinceMs: undefined,
  requested: undefined,
  requestsKnownMs: undefined,
  seesRequests: false,
  muted: false,
} as const

/** Until when everything is known, ms since the Unix epoch: until the last evidence. Undefined: it was never seen. */
export interface Knowledge {
  /** By the namespace of the requests, and of the pods. */
  readonly requestsMs: (namespace: string) => number | undefined
  readonly podsMs: (namespace: string) => number | undefined
  /** Whether the requests of a namespace can be seen at present, as far as is known. */
  readonly seesRequests: (namespace: string) => boolean | undefined
  /** By the node of the mounted side. */
  readonly mountedMs: (node: string) => number | undefined
  readonly isMutedNamespace: (name: string) => boolean
}

/** Yields the SVIDs of workloads with all that their diagnoses depend on. */
export function* factsOf(workloads: Iterable<Workload>, moment: Moment, known: Knowledge): Iterable<SvidFacts> {
  for (const { pod, svids } of workloads) {
    if (pod && isOver(pod, moment.now.wallMs)) continue
    for (const svid of svids) yield svidFacts(pod, svid, moment, known)
  }
}

function svidFacts(pod: PodObservation | undefined, svid: Svid, moment: Moment, known: Knowledge): SvidFacts {
  const { place, issued: side, mounted } = svid
  const staleMs = staleSinceMs(svid, moment)
  const unseen = firstUnseen(svid, moment)
  const copies = copyFacts(svid, known, staleMs !== undefined, unseen?.issuedMs)
  return {
    key: svid.key || `${place.pod}/${place.volume}`,
    labels: (copies.issued ?? copies.mounted)?.labels ?? labelsWithoutCopy(svid),
    ...copies,
    problem: mounted?.problem,
    staleSinceMs: staleMs,
    ...requestFacts(side, moment.now.wallMs),
    ...waitingFacts(pod, svid, moment, known),
    unseenForMs: unseen ? moment.now.monotonicMs - unseen.sinceMs : 0,
    requestsKnownMs: known.requestsMs(place.namespace),
    seesRequests: known.seesRequests(place.namespace) === true,
    muted: pod?.muted === true || known.isMutedNamespace(place.namespace),
  }
}

function requestFacts(
  side: IssuedSide | undefined,
  nowMs: number,
): Pick<SvidFacts, 'issuedMs' | 'waitedMs' | 'isRenewedTooOften' | 'requested'> {
  const issued = side?.issued
  return {
    issuedMs: issued && issuedMsOf(issued),
    waitedMs: issued?.waitedMs ?? 0,
    isRenewedTooOften: isRenewedTooOften(side, nowMs),
    requested: side?.requested,
  }
}

const labelsWithoutCopy = ({ place, issued }: Svid): SvidLabels => ({
  ...unreadLabels,
  ...place,
  issuer: issuerOf(issued),
})

/** The file holds no newer SVID before one is issued: until then, the mounted copy is known. */
function copyFacts(
  svid: Svid,
  known: Knowledge,
  isStale: boolean,
  unseenIssuedMs = -Infinity,
): Pick<SvidFacts, 'issued' | 'mounted'> {
  const { issued: side, mounted } = svid
  const mountedMs = Math.max(unseenIssuedMs, (mounted && known.mountedMs(mounted.node)) ?? -Infinity)
  return {
    issued: side?.issued && issuedFacts(svid, side, side.issued, known),
    mounted: mounted?.copy && mountedFacts(svid, mounted.copy, mountedMs, isStale),
  }
}

function waitingFacts(
  pod: PodObservation | undefined,
  svid: Svid,
  moment: Moment,
  { seesRequests }: Knowledge,
): Pick<SvidFacts, 'isWaiting' | 'waitingSinceMs'> {
  const isWaiting = pod !== undefined && seesRequests(pod.namespace) === true && isWaitingIn(pod, svid, moment)
  return { isWaiting, waitingSinceMs: isWaiting ? (pod.startedMs ?? svid.issued?.requested?.askedMs) : undefined }
}

function issuedFacts({ place, rule }: Svid, side: IssuedSide, copy: IssuedCopy, known: Knowledge): CopyFacts {
  const { svid, obtainedMs, issuer } = copy
  const dueMs = renewalDueMs(svid, rule, obtainedMs)
  return {
    labels: labelsOf(copy, place, issuer, 'issued'),
    svid,
    renewalDueMs: dueMs,
    knownMs: issuedKnownMs(place.namespace, side, dueMs, known),
  }
}

/**
 * Returns until when an issued copy is known: as long as requests are. Kubernetes also deletes the requests of a pod that is gone,
 * which is no missed renewal. So a copy without a request is known only while pods are, unless its pod was there when the renewal
 * was due.
 */
function issuedKnownMs(namespace: string, { requests }: IssuedSide, dueMs: number, known: Knowledge): number {
  const requestsMs = known.requestsMs(namespace) ?? -Infinity
  const podsMs = known.podsMs(namespace) ?? requestsMs
  return requests > 0 || podsMs >= dueMs ? requestsMs : Math.min(requestsMs, podsMs)
}

/**
 * A copy that can no longer be read is known until then. A stale one whose volume was unmounted is still known: the pod runs, because
 * SVIDs are issued for it, and its containers keep what nobody renews any more.
 */
function mountedFacts(svid: Svid, copy: SvidCopy, knownMs: number, isStale: boolean): CopyFacts {
  return {
    labels: mountedLabels(svid, copy),
    svid: copy.svid,
    renewalDueMs: renewalDueMs(copy.svid, svid.rule, obtainedMsOf(svid, copy)),
    knownMs: isStale && copy.problem === 'unmounted' ? knownMs : (copy.lostMs ?? knownMs),
  }
}

const isWaitingIn = (pod: PodObservation, svid: Svid, moment: Moment): boolean =>
  isRunning(pod) && pod.agent === undefined && copyInUse(svid, moment) === undefined
