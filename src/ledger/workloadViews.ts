import type { Clock } from '../clock.ts'
import { isOver } from './pods.ts'
import { copyInUse, current, standingOf, type PodStanding, type ShownPod, type Workload } from './standing.ts'
import type { DriftView, SvidView, UnreadableView } from './view.ts'
import { issuerOf, labelsOf, unreadLabels, viewOf, type Contacts, type MountedSide, type SvidCopy } from './workload.ts'

/** How long the driver may take to write what was issued before the mounted copy counts as stale. */
const writeGraceMs = 10_000

/** What is shown of workloads besides the copies of their SVIDs. */
export interface WorkloadSurvey {
  readonly unreadable: readonly UnreadableView[]
  readonly drifts: readonly DriftView[]
  /** How it stands with each pod that is not over. */
  readonly standings: readonly PodStanding[]
}

/** What is shown of workloads, as of now. */
export class WorkloadViews {
  readonly #clock: Clock
  /** The pods with volumes for SVIDs. */
  readonly #shown: () => Iterable<ShownPod>
  readonly #contacts: Contacts

  constructor(clock: Clock, shown: () => Iterable<ShownPod>, contacts: Contacts) {
    this.#clock = clock
    this.#shown = shown
    this.#contacts = contacts
  }

  *svids(): Iterable<SvidView> {
    const nowMs = this.#clock.now()
    const issuedMs = this.#contacts.issuedMs()
    for (const one of this.#shown())
      for (const workload of current(one, nowMs)) yield* this.#copiesOf(workload, nowMs, issuedMs)
  }

  /** Everything in one walk, the copies handed to `see`: of many pods, fetching each from memory is most of what a walk costs. */
  survey(see: (copy: SvidView) => void): WorkloadSurvey {
    const nowMs = this.#clock.now()
    const issuedMs = this.#contacts.issuedMs()
    const unreadable: UnreadableView[] = []
    const drifts: DriftView[] = []
    const standings: PodStanding[] = []
    for (const { pod, workloads } of this.#shown()) {
      if (pod && isOver(pod, nowMs)) continue
      for (const workload of workloads) {
        for (const copy of this.#copiesOf(workload, nowMs, issuedMs)) see(copy)
        unreadable.push(...unreadableOf(workload))
        drifts.push(...this.#driftOf(workload))
      }
      if (pod) standings.push(standingOf({ pod, workloads }, nowMs, this.#seenForMs))
    }
    return { unreadable, drifts, standings }
  }

  #copiesOf(
    { labels, issued: side, mounted }: Workload,
    nowMs: number,
    issuedMs: number | undefined,
  ): readonly SvidView[] {
    const issued = side?.issued
    const issuer = issuerOf(side)
    const inUse = copyInUse(issued, mounted, this.#seenForMs)
    const copies: SvidView[] = []
    if (issued)
      copies.push(viewOf(issued, labelsOf(issued, labels, issuer, 'issued'), nowMs, issuedMs, issued === inUse))
    if (mounted?.copy) {
      const { node, copy } = mounted
      const full = labelsOf(copy, labels, issuer, 'mounted')
      copies.push(viewOf(copy, full, nowMs, this.#contacts.mountedMs(node), copy === inUse))
    }
    return copies
  }

  #driftOf({ labels, issued: side, mounted }: Workload): readonly DriftView[] {
    const issued = side?.issued
    const copy = mounted?.copy
    if (!issued || !mounted || !copy || issued.svid.notBeforeMs <= copy.svid.notBeforeMs) return []
    if (this.#seenForMs(issued, mounted) < writeGraceMs) return []
    return [{ labels: labelsOf(copy, labels, issued.issuer, 'mounted'), cause: 'mount_stale' }]
  }

  /** How long after the SVID was issued the node's files were still seen. */
  readonly #seenForMs = ({ sinceMs }: SvidCopy, { node }: MountedSide): number =>
    (this.#contacts.mountedMs(node) ?? -Infinity) - sinceMs
}

function unreadableOf({ labels, issued, mounted }: Workload): readonly UnreadableView[] {
  if (mounted?.problem === undefined) return []
  const { copy, problem } = mounted
  const known = copy ? labelsOf(copy, labels, issuerOf(issued), 'mounted') : { ...unreadLabels, ...labels }
  return [{ labels: known, reason: problem }]
}
