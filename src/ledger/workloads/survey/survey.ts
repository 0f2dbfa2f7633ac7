import type { Instant } from '../../../clock.ts'
import { svidState } from '../../../identity/lifetime.ts'
import { renewalDueMs, type RenewalRule } from '../../../identity/renewal.ts'
import { copyInUse, type Moment } from '../compared/compare.ts'
import { driftsOf, isDetached } from '../compared/drift.ts'
import type { PodObservation } from '../observations.ts'
import { isOver } from '../pods.ts'
import { refusedOf } from '../refused/refused.ts'
import { labelsWithoutCopy, servedLabels, unreadLabels } from '../copyLabels.ts'
import { labelsOf, mountedLabels, obtainedMsOf, type Svid, type Workload } from '../svid.ts'
import type { SvidCopy } from '../svidCopy.ts'
import { Tally } from './tally.ts'
import type { DriftView, RefusedView, SvidLabels, SvidView, UnreadableView, WorkloadView } from '../view.ts'

/** The results of a walk through all workloads, besides the copies of their SVIDs. */
export interface WorkloadSurvey {
  readonly unreadable: readonly UnreadableView[]
  readonly drifts: readonly DriftView[]
  /** The copies that peers refuse. */
  readonly refused: readonly RefusedView[]
  readonly tally: Tally
}

interface Faults {
  readonly unreadable: UnreadableView[]
  readonly drifts: DriftView[]
  readonly refused: RefusedView[]
}

/** The number of workloads after which a walk yields. They take about a tenth of a millisecond. */
const slice = 128

/**
 * Walks through all workloads and passes each copy to `see`. One walk does everything, because with many pods most of its cost is
 * fetching each pod from memory. It yields where it may be interrupted. A workload that changes meanwhile is seen as it is then.
 */
export function* surveyWorkloads(
  workloads: Iterable<Workload>,
  moment: Moment,
  see: (copy: SvidView) => void,
  isProbing: boolean,
): Generator<undefined, WorkloadSurvey> {
  const survey: Faults & WorkloadSurvey = { unreadable: [], drifts: [], refused: [], tally: new Tally(isProbing) }
  let count = 0
  for (const workload of workloads) {
    const { pod, svids } = workload
    if ((count += 1) % slice === 0) yield
    if (pod && isOver(pod, moment.now.wallMs)) continue
    for (const svid of svids) {
      seeCopies(svid, moment, see)
      addFaults(pod, svid, moment, survey)
    }
    if (pod) survey.tally.add(pod, workload, moment)
  }
  return survey
}

function addFaults(pod: PodObservation | undefined, svid: Svid, moment: Moment, faults: Faults): void {
  const { mounted, served } = svid
  const { unreadable, drifts, refused } = faults
  if (mounted?.problem !== undefined) unreadable.push(unreadableOf(svid, mounted.problem))
  const causes = driftsOf(pod, svid, moment)
  for (const { cause, isToCome } of causes) if (!isToCome) drifts.push({ labels: driftLabels(svid), cause })
  if (mounted?.copy && !isDetached(causes)) {
    const { copy, node, refusedSince } = mounted
    const seen = refusedSince && moment.mountedSeen(node)
    const why = refusedOf(copy.svid, mounted, seen, moment.now.wallMs)
    if (why) refused.push({ labels: mountedLabels(svid, copy), reason: why.reason })
  }
  if (served === undefined) return
  const why = refusedOf(served.copy.svid, served, served.seen, moment.now.wallMs)
  if (why) refused.push({ labels: servedLabels(svid, served.copy), reason: why.reason })
}

/** Returns the labels of the mounted copy, or those of the place if no SVID was ever read there. */
const driftLabels = (svid: Svid): DriftView['labels'] =>
  svid.mounted?.copy ? mountedLabels(svid, svid.mounted.copy) : labelsWithoutCopy(svid)

/** Passes the copies of an SVID to `see`. */
function seeCopies(svid: Svid, moment: Moment, see: (copy: SvidView) => void): void {
  const { place, rule, issued: side, mounted, served } = svid
  const issued = side?.issued
  if (!issued && !mounted?.copy) return
  const inUse = copyInUse(svid, moment)
  if (side && issued) {
    const labels = labelsOf(issued, place, issued.issuer, 'issued')
    const { slot } = side
    const seen = moment.issuedSeen(place.namespace)
    see(viewOf(issued, slot, labels, rule, issued.obtainedMs, moment.now, seen, issued === inUse))
  }
  if (mounted?.copy) {
    const { copy, node, slot } = mounted
    const seen = moment.mountedSeen(node)
    const labels = mountedLabels(svid, copy)
    see(viewOf(copy, slot, labels, rule, obtainedMsOf(svid, copy), moment.now, seen, copy === inUse))
  }
  if (served === undefined) return
  const { copy, slot, seen } = served
  const labels = servedLabels(svid, copy)
  see(viewOf(copy, slot, labels, rule, obtainedMsOf(svid, copy), moment.now, seen, false))
}

/** Returns the view at `now` of a copy that its workload got at `obtainedMs`. `seen` is when the place of the copy was last seen. */
export function viewOf(
  copy: SvidCopy,
  slot: number,
  labels: SvidLabels,
  rule: RenewalRule,
  obtainedMs: number | undefined,
  now: Instant,
  seen: Instant | undefined,
  inUse: boolean,
): SvidView {
  const { svid, sinceMs, lostMs, problem } = copy
  const dueMs = renewalDueMs(svid, rule, obtainedMs)
  return {
    slot,
    labels,
    svid,
    renewalDueMs: dueMs,
    lastObservedMs: lostMs ?? seen?.wallMs ?? wallMsOf(sinceMs, now),
    state: svidState(svid.notAfterMs, dueMs, now.wallMs),
    inUse,
    ...(obtainedMs !== undefined && { obtainedMs }),
    ...(problem && { problem }),
  }
}

/** Returns a monotonic time in the time of the wall clock as it is set now, in whole ms. */
const wallMsOf = (ms: number, { wallMs, monotonicMs }: Instant): number => Math.round(wallMs - (monotonicMs - ms))

/** WorkloadAtMoment is the view of a workload at one moment. The views of its copies are made when they are asked for. */
export class WorkloadAtMoment implements WorkloadView {
  readonly namespace: string
  readonly pod: string
  readonly #workload: Workload
  readonly #moment: Moment

  constructor(workload: Workload, moment: Moment) {
    const { pod, svids } = workload
    this.namespace = pod?.namespace ?? svids[0]?.place.namespace ?? ''
    this.pod = pod?.name ?? svids[0]?.place.pod ?? ''
    this.#workload = workload
    this.#moment = moment
  }

  get size(): number {
    let size = 0
    for (const { issued, mounted, served } of this.#workload.svids)
      size += (issued?.issued ? 1 : 0) + (mounted?.copy || mounted?.problem ? 1 : 0) + (served ? 1 : 0)
    return size
  }

  copies(): readonly SvidView[] {
    const copies: SvidView[] = []
    for (const svid of this.#workload.svids) seeCopies(svid, this.#moment, (copy) => copies.push(copy))
    return copies
  }

  unread(): readonly UnreadableView[] {
    return this.#workload.svids.flatMap((svid) => {
      const { mounted } = svid
      return mounted?.problem !== undefined && !mounted.copy ? [unreadableOf(svid, mounted.problem)] : []
    })
  }
}

function unreadableOf(svid: Svid, reason: UnreadableView['reason']): UnreadableView {
  const copy = svid.mounted?.copy
  return { labels: copy ? mountedLabels(svid, copy) : { ...unreadLabels, ...svid.place }, reason }
}
