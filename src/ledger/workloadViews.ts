import type { Clock } from '../clock.ts'
import { isOver } from './pods.ts'
import { copyInUse, current, standingOf, type KnownPod, type PodStanding, type ShownPod } from './standing.ts'
import type { DriftView, SvidView, UnreadableView } from './view.ts'
import { issuerOf, labelsOf, unreadLabels, viewOf, type Contacts, type MountedSide, type SvidCopy } from './workload.ts'

/** How long the driver may take to write what was issued before the mounted copy counts as stale. */
const writeGraceMs = 10_000

/** The pods with volumes for SVIDs: those that exist, and those that something may be shown of. */
export interface PodsToView {
  known(): Iterable<KnownPod>
  shown(): Iterable<ShownPod>
}

/** What is shown of workloads, as of now. */
export class WorkloadViews {
  readonly #clock: Clock
  readonly #workloads: PodsToView
  readonly #contacts: Contacts

  constructor(clock: Clock, workloads: PodsToView, contacts: Contacts) {
    this.#clock = clock
    this.#workloads = workloads
    this.#contacts = contacts
  }

  *svids(): Iterable<SvidView> {
    const nowMs = this.#clock.now()
    const issuedMs = this.#contacts.issuedMs()
    for (const one of this.#workloads.shown())
      for (const { labels, issued: side, mounted } of current(one, nowMs)) {
        const issued = side?.issued
        const issuer = issuerOf(side)
        const inUse = copyInUse(issued, mounted, this.#seenForMs)
        if (issued) yield viewOf(issued, labelsOf(issued, labels, issuer, 'issued'), nowMs, issuedMs, issued === inUse)
        if (!mounted?.copy) continue
        const { node, copy } = mounted
        const full = labelsOf(copy, labels, issuer, 'mounted')
        yield viewOf(copy, full, nowMs, this.#contacts.mountedMs(node), copy === inUse)
      }
  }

  *unreadable(): Iterable<UnreadableView> {
    const nowMs = this.#clock.now()
    for (const one of this.#workloads.shown())
      for (const { labels, issued, mounted } of current(one, nowMs)) {
        if (mounted?.problem === undefined) continue
        const { copy, problem } = mounted
        const issuer = issuerOf(issued)
        yield {
          labels: copy ? labelsOf(copy, labels, issuer, 'mounted') : { ...unreadLabels, ...labels },
          reason: problem,
        }
      }
  }

  *drifts(): Iterable<DriftView> {
    const nowMs = this.#clock.now()
    for (const one of this.#workloads.shown())
      for (const { labels, issued: side, mounted } of current(one, nowMs)) {
        const issued = side?.issued
        const copy = mounted?.copy
        if (!issued || !mounted || !copy || issued.svid.notBeforeMs <= copy.svid.notBeforeMs) continue
        if (this.#seenForMs(issued, mounted) < writeGraceMs) continue
        yield { labels: labelsOf(copy, labels, issued.issuer, 'mounted'), cause: 'mount_stale' }
      }
  }

  /** How it stands with each pod that has such volumes and is not over. */
  *standings(): Iterable<PodStanding> {
    const nowMs = this.#clock.now()
    for (const known of this.#workloads.known())
      if (!isOver(known.pod, nowMs)) yield standingOf(known, nowMs, this.#seenForMs)
  }

  /** How long after the SVID was issued the node's files were still seen. */
  readonly #seenForMs = ({ sinceMs }: SvidCopy, { node }: MountedSide): number =>
    (this.#contacts.mountedMs(node) ?? -Infinity) - sinceMs
}
