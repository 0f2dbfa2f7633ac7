import type { Instant } from '../../clock.ts'
import { svidState } from '../../identity/lifetime.ts'
import { renewalDueMs, type RenewalRule } from '../../identity/renewal.ts'
import { copyInUse, driftOf, type Moment } from './compare.ts'
import { isOver } from './pods.ts'
import { labelsOf, mountedLabels, obtainedMsOf, unreadLabels, type Svid, type SvidCopy, type Workload } from './svid.ts'
import { Tally } from './tally.ts'
import type { DriftView, SvidLabels, SvidView, UnreadableView, WorkloadView } from './view.ts'

/** The results of a walk through all workloads, besides the copies of their SVIDs. */
export interface WorkloadSurvey {
  readonly unreadable: readonly UnreadableView[]
  readonly drifts: readonly DriftView[]
  readonly tally: Tally
}

interface Faults {
  readonly unreadable: UnreadableView[]
  readonly drifts: DriftView[]
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
): Generator<undefined, WorkloadSurvey> {
  const survey: Faults & WorkloadSurvey = { unreadable: [], drifts: [], tally: new Tally() }
  let count = 0
  for (const { pod, svids } of workloads) {
    if ((count += 1) % slice === 0) yield
    if (pod && isOver(pod, moment.now.wallMs)) continue
    for (const svid of svids) {
      seeCopies(svid, moment, see)
      addFaults(svid, moment, survey)
    }
    if (pod) survey.tally.add(pod, svids, moment)
  }
  return survey
}

function addFaults(svid: Svid, moment: Moment, { unreadable, drifts }: Faults): void {
  const { mounted } = svid
  if (mounted?.problem !== undefined) unreadable.push(unreadableOf(svid, mounted.problem))
  const cause = driftOf(svid, moment)
  if (cause && mounted?.copy) drifts.push({ labels: mountedLabels(svid, mounted.copy), cause })
}

/** Passes the copies of an SVID to `see`. */
function seeCopies(svid: Svid, moment: Moment, see: (copy: SvidView) => void): void {
  const { place, rule, issued: side, mounted } = svid
  const issued = side?.issued
  if (!issued && !mounted?.copy) return
  const inUse = copyInUse(svid, moment)
  if (side && issued) {
    const labels = labelsOf(issued, place, issued.issuer, 'issued')
    const { slot } = side
    const seen = moment.issuedSeen(place.namespace)
    see(viewOf(issued, slot, labels, rule, issued.obtainedMs, moment.now, seen, issued === inUse))
  }
  if (!mounted?.copy) return
  const { copy, node, slot } = mounted
  const labels = mountedLabels(svid, copy)
  see(viewOf(copy, slot, labels, rule, obtainedMsOf(svid, copy), moment.now, moment.mountedSeen(node), copy === inUse))
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
    for (const { issued, mounted } of this.#workload.svids)
      size += (issued?.issued ? 1 : 0) + (mounted?.copy || mounted?.problem ? 1 : 0)
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
