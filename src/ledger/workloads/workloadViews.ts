import type { Clock } from '../../clock.ts'
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

  /** All copies, or those in one namespace. */
  *svids(namespace: string | undefined): Iterable<SvidView> {
    const nowMs = this.#clock.now()
    const issuedMs = this.#contacts.issuedMs()
    for (const one of this.#shown())
      for (const workload of current(one, nowMs)) {
        if (namespace !== undefined && workload.labels.namespace !== namespace) continue
        const copies: SvidView[] = []
        this.#seeCopies(workload, nowMs, issuedMs, (copy) => copies.push(copy))
        yield* copies
      }
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
        this.#seeCopies(workload, nowMs, issuedMs, see)
        const problem = unreadableOf(workload)
        if (problem) unreadable.push(problem)
        const drift = this.#driftOf(workload)
        if (drift) drifts.push(drift)
      }
      if (pod) standings.push(standingOf({ pod, workloads }, nowMs, this.#seenForMs))
    }
    return { unreadable, drifts, standings }
  }

  #seeCopies(
    { labels, issued: side, mounted }: Workload,
    nowMs: number,
    issuedMs: number | undefined,
    see: (copy: SvidView) => void,
  ): void {
    const issued = side?.issued
    const issuer = issuerOf(side)
    const inUse = copyInUse(issued, mounted, this.#seenForMs)
    if (issued) see(viewOf(issued, labelsOf(issued, labels, issuer, 'issued'), nowMs, issuedMs, issued === inUse))
    if (!mounted?.copy) return
    const { node, copy } = mounted
    const full = labelsOf(copy, labels, issuer, 'mounted')
    see(viewOf(copy, full, nowMs, this.#contacts.mountedMs(node), copy === inUse))
  }

  #driftOf({ labels, issued: side, mounted }: Workload): DriftView | undefined {
    const issued = side?.issued
    const copy = mounted?.copy
    if (!issued || !mounted || !copy || issued.svid.notBeforeMs <= copy.svid.notBeforeMs) return undefined
    if (this.#seenForMs(issued, mounted) < writeGraceMs) return undefined
    return { labels: labelsOf(copy, labels, issued.issuer, 'mounted'), cause: 'mount_stale' }
  }

  /** How long after the SVID was issued the node's files were still seen. */
  readonly #seenForMs = ({ sinceMs }: SvidCopy, { node }: MountedSide): number =>
    (this.#contacts.mountedMs(node) ?? -Infinity) - sinceMs
}

function unreadableOf({ labels, issued, mounted }: Workload): UnreadableView | undefined {
  if (mounted?.problem === undefined) return undefined
  const { copy, problem } = mounted
  const known = copy ? labelsOf(copy, labels, issuerOf(issued), 'mounted') : { ...unreadLabels, ...labels }
  return { labels: known, reason: problem }
}
