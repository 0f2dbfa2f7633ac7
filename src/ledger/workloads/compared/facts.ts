import { renewalDueMs } from '../../../identity/renewal.ts'
import type { TrustBundle } from '../../../identity/trustBundle.ts'
import { copyInUse, firstUnseen, isRenewedTooOften, staleSinceMs, type Moment } from './compare.ts'
import { driftsOf } from './drift.ts'
import type { Drift, SvidLabels } from '../view.ts'
import { heldCopy } from '../mounted/heldCopy.ts'
import type { PodObservation } from '../observations.ts'
import { isOver, isRunning } from '../pods.ts'
import type { ReadProblem } from '../reasons.ts'
import { refusedFacts, type RefusedFacts } from '../refused/refusedFacts.ts'
import { labelsWithoutCopy, servedLabels } from '../copyLabels.ts'
import { issuedMsOf, labelsOf, mountedLabels, obtainedMsOf } from '../svid.ts'
import type { IssuedSide, Svid, Workload } from '../svid.ts'
import type { CopyFacts } from './copyFacts.ts'
import { bundleKnownMs, usedBundle } from './usedBundle.ts'

/** One SVID with all that its diagnosis depends on. Times are ms since the Unix epoch. */
export interface SvidFacts {
  /** Names the SVID: the key of its volume, the uid of a pod that is not known and the volume, or the file. */
  readonly key: string
  /** The labels of the SVID where no copy has any. */
  readonly labels: SvidLabels
  readonly issued: CopyFacts | undefined
  readonly mounted: CopyFacts | undefined
  /** What containers have that mount the volume, if that is known and is not what is mounted on the host. */
  readonly held: CopyFacts | undefined
  readonly served: CopyFacts | undefined
  /** The causes for which the copies differ, or soon will. */
  readonly drifts: readonly Drift[]
  /** The copy that peers refuse, of several the one that is in use. */
  readonly refused: RefusedFacts | undefined
  /** The trust bundle that the workload has beside the SVID, if that is known. Equal ones are one object. */
  readonly bundle: TrustBundle | undefined
  /** Until when the bundle is known; -Infinity if it was never seen. */
  readonly bundleKnownMs: number
  /** The node of the pod; '' if there is none. */
  readonly node: string
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
  held: undefined,
  served: undefined,
  drifts: [],
  refused: undefined,
  bundle: undefined,
  bundleKnownMs: -Infinity,
  node: '',
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

/** Names each fact, because objects that are spread cost several times as much, for each SVID each time that all are judged. */
function svidFacts(pod: PodObservation | undefined, svid: Svid, moment: Moment, known: Knowledge): SvidFacts {
  const { issued: side, place } = svid
  const staleMs = staleSinceMs(svid, moment)
  const unseen = firstUnseen(svid, moment)
  const drifts = driftsOf(pod, svid, moment, staleMs)
  const issued = issuedFacts(svid, known)
  const filesKnownMs = filesKnownMsOf(svid, known)
  const mounted = mountedFacts(svid, filesKnownMs, areKept(svid, drifts, staleMs), unseen?.issuedMs)
  const served = servedFacts(svid)
  const held = heldFacts(pod, svid, filesKnownMs)
  const isWaiting = isWaitingIn(pod, svid, moment, known)
  return {
    key: keyOf(svid),
    labels: labelsOfFirst(issued, mounted) ?? labelsWithoutCopy(svid),
    issued,
    mounted,
    held,
    served,
    drifts,
    refused: refusedFacts(svid, { mounted, served }, drifts, moment),
    bundle: usedBundle(svid, held, drifts),
    bundleKnownMs: bundleKnownMs(svid, filesKnownMs),
    node: place.node,
    problem: svid.mounted?.problem,
    staleSinceMs: staleMs,
    issuedMs: side?.issued && issuedMsOf(side.issued),
    waitedMs: waitedMsOf(side),
    isRenewedTooOften: isRenewedTooOften(side, moment.now.wallMs),
    isWaiting,
    waitingSinceMs: isWaiting ? waitingSinceMs(pod, side) : undefined,
    requested: side?.requested,
    unseenForMs: unseen ? moment.now.monotonicMs - unseen.sinceMs : 0,
    requestsKnownMs: known.requestsMs(place.namespace),
    seesRequests: known.seesRequests(place.namespace) === true,
    muted: isMuted(pod, svid, known),
  }
}

const keyOf = ({ key, place }: Svid): string => key || `${place.pod}/${place.volume}`

const labelsOfFirst = (issued: CopyFacts | undefined, mounted: CopyFacts | undefined): SvidLabels | undefined =>
  (issued ?? mounted)?.labels

const waitedMsOf = (side: IssuedSide | undefined): number => side?.issued?.waitedMs ?? 0

const waitingSinceMs = (pod: PodObservation | undefined, side: IssuedSide | undefined): number | undefined =>
  pod?.startedMs ?? side?.requested?.askedMs

const isMuted = (pod: PodObservation | undefined, { place }: Svid, { isMutedNamespace }: Knowledge): boolean =>
  pod?.muted === true || isMutedNamespace(place.namespace)

/** Returns until when the files of a volume are known; -Infinity if they were never seen. */
const filesKnownMsOf = ({ mounted }: Svid, { mountedMs }: Knowledge): number =>
  (mounted && mountedMs(mounted.node)) ?? -Infinity

function servedFacts(svid: Svid): CopyFacts | undefined {
  if (svid.served === undefined) return undefined
  const { copy, seen } = svid.served
  return {
    labels: servedLabels(svid, copy),
    svid: copy.svid,
    renewalDueMs: renewalDueMs(copy.svid, svid.rule, obtainedMsOf(svid, copy)),
    knownMs: copy.lostMs ?? seen.wallMs,
  }
}

function heldFacts(pod: PodObservation | undefined, svid: Svid, knownMs: number): CopyFacts | undefined {
  const copy = heldCopy(pod, svid)
  const { mounted } = svid
  if (copy === undefined || mounted === undefined) return undefined
  return {
    labels: mountedLabels(svid, mounted.copy ?? copy),
    svid: copy.svid,
    renewalDueMs: renewalDueMs(copy.svid, svid.rule, copy.obtainedMs),
    knownMs,
  }
}

function issuedFacts({ place, rule, issued: side }: Svid, known: Knowledge): CopyFacts | undefined {
  if (side?.issued === undefined) return undefined
  const copy = side.issued
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
 * Reports whether containers keep the files that were read last, although the host has no mount any more: they run, or SVIDs are
 * still issued for them. A mount that was lost out of sight may have had newer files.
 */
const areKept = ({ mounted }: Svid, drifts: readonly Drift[], staleMs: number | undefined): boolean =>
  staleMs !== undefined ||
  (mounted?.wasLostUnseen !== true &&
    drifts.some(({ cause, containerStartMs }) => cause === 'mount_gone' && containerStartMs !== undefined))

/**
 * The file holds no newer SVID before one is issued: until then, the mounted copy is known. A copy that can no longer be read is known
 * until then. One that containers keep is still known, and nobody renews it any more.
 */
function mountedFacts(
  svid: Svid,
  filesKnownMs: number,
  isKept: boolean,
  unseenIssuedMs = -Infinity,
): CopyFacts | undefined {
  const copy = svid.mounted?.copy
  if (svid.mounted === undefined || copy === undefined) return undefined
  const knownMs = Math.max(unseenIssuedMs, filesKnownMs)
  return {
    labels: mountedLabels(svid, copy),
    svid: copy.svid,
    renewalDueMs: renewalDueMs(copy.svid, svid.rule, obtainedMsOf(svid, copy)),
    knownMs: isKept && copy.problem === 'unmounted' ? knownMs : (copy.lostMs ?? knownMs),
  }
}

/** Reports whether a running pod has no known SVID, although requests are seen. */
const isWaitingIn = (
  pod: PodObservation | undefined,
  svid: Svid,
  moment: Moment,
  { seesRequests }: Knowledge,
): boolean =>
  pod !== undefined &&
  isRunning(pod) &&
  pod.agent === undefined &&
  copyInUse(svid, moment) === undefined &&
  seesRequests(pod.namespace) === true
