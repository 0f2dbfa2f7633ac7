import type { Clock } from '../clock.ts'
import { svidState } from '../identity/lifetime.ts'
import { volumeHash } from '../identity/volumeHash.ts'
import type { Held } from './agents.ts'
import { ByPod } from './byPod.ts'
import type { Findings } from './findings.ts'
import type { PodObservation, RequestObservation } from './observations.ts'
import type { Pods } from './pods.ts'
import type { DriftView, SvidLabels, SvidView, UnreadableView, WorkloadState } from './view.ts'
import { unreadLabels, viewOf, type IssuedSide, type MountedSide, type SvidCopy } from './workload.ts'

/** When sources saw their systems last, ms since the Unix epoch; undefined: never. */
export interface Contacts {
  issuedMs(): number | undefined
  /** By the node of the mounted side. */
  mountedMs(node: string): number | undefined
}

/** How long the driver may take to write what was issued before the mounted copy counts as stale. */
const writeGraceMs = 10_000

/** One workload: a volume of a pod, as either side names it, with what was issued for it and what is mounted. */
interface Workload {
  readonly labels: Pick<SvidLabels, 'namespace' | 'pod' | 'volume' | 'node'>
  readonly issuedKey: string
  issued: IssuedSide | undefined
  mounted: MountedSide | undefined
}

/** A pod with volumes for SVIDs. */
interface KnownPod {
  readonly ended: boolean
  readonly workloads: readonly Workload[]
}

/**
 * The pod volumes that hold SVIDs. What is told of one may come in any order and from any side: its pod, its requests, its
 * files. The pod decides: what requests of another namespace claim of it, or of a volume that it does not have, is nobody's.
 * Where pods have never been listed, nobody knows better, and each side is shown by itself.
 */
export class Workloads {
  readonly #clock: Clock
  readonly #pods: Pods
  readonly #findings: Findings
  readonly #contacts: Contacts
  readonly #issued = new ByPod<IssuedSide>()
  readonly #known = new Map<string, KnownPod>()

  constructor(clock: Clock, pods: Pods, findings: Findings, contacts: Contacts) {
    this.#clock = clock
    this.#pods = pods
    this.#findings = findings
    this.#contacts = contacts
  }

  requestChanged(before: RequestObservation | undefined, after: RequestObservation | undefined): void {
    if (before !== undefined) this.#count(before, -1)
    if (after !== undefined) this.#take(this.#count(after, 1), after)
    if (before !== undefined) this.#forgetIfGone(this.#sideOf(before))
  }

  podChanged(before: PodObservation | undefined, after: PodObservation): void {
    const { uid, namespace, name, node, ended, volumes } = after
    if (volumes.length === 0) return
    const workloads = volumes.map((volume): Workload => {
      const key = issuedKey(namespace, volumeHash(uid, volume))
      return {
        labels: { namespace, pod: name, volume, node },
        issuedKey: key,
        issued: this.#issued.get(uid, key),
        mounted: this.#findings.of(after, volume),
      }
    })
    this.#known.set(uid, { ended, workloads })
    if (before?.node === node) return
    for (const { issued } of this.#issued.of(uid)) if (issued) issued.labels = undefined
    for (const { copy } of this.#findings.allOf(after)) if (copy) copy.labels = undefined
  }

  /** What is believed of the pod's volume has changed. */
  mountedChanged(pod: PodObservation, volume: string): void {
    const workload = this.#known.get(pod.uid)?.workloads.find(({ labels }) => labels.volume === volume)
    if (workload) workload.mounted = this.#findings.of(pod, volume)
  }

  podDeleted(uid: string): void {
    this.#known.delete(uid)
    for (const side of this.#issued.of(uid)) this.#forgetIfGone(side)
  }

  podsListed(): void {
    for (const uid of this.#issued.podUids()) for (const side of this.#issued.of(uid)) this.#forgetIfGone(side)
  }

  *svids(): Iterable<SvidView> {
    const nowMs = this.#clock.now()
    const issuedMs = this.#contacts.issuedMs()
    for (const { labels, issued: side, mounted } of this.#workloads()) {
      const issued = side?.issued
      const issuer = issued?.issuer ?? ''
      if (issued) yield viewOf(issued, labelsOf(issued, labels, issuer, 'issued'), nowMs, issuedMs)
      if (!mounted?.copy) continue
      const full = labelsOf(mounted.copy, labels, issuer, 'mounted')
      yield viewOf(mounted.copy, full, nowMs, this.#contacts.mountedMs(mounted.node))
    }
  }

  *unreadable(): Iterable<UnreadableView> {
    for (const { labels, issued, mounted } of this.#workloads()) {
      if (mounted?.problem === undefined) continue
      const { copy, problem } = mounted
      const issuer = issued?.issued?.issuer ?? ''
      yield {
        labels: copy ? labelsOf(copy, labels, issuer, 'mounted') : { ...unreadLabels, ...labels },
        reason: problem,
      }
    }
  }

  *drifts(): Iterable<DriftView> {
    for (const { labels, issued: side, mounted } of this.#workloads()) {
      const [issued, copy] = [side?.issued, mounted?.copy]
      if (!issued || !mounted || !copy || issued.svid.notBeforeMs <= copy.svid.notBeforeMs) continue
      if (this.#seenForMs(issued, mounted) < writeGraceMs) continue
      yield { labels: labelsOf(copy, labels, issued.issuer, 'mounted'), cause: 'mount_stale' }
    }
  }

  /** How many SVIDs the pod holds. */
  held(pod: PodObservation): Held {
    const nowMs = this.#clock.now()
    const held = { mounted: 0, issued: 0 }
    for (const { issued, mounted } of this.#workloadsOf(pod)) {
      if (mounted?.copy && !mounted.problem) held.mounted += 1
      if (issued?.issued && svidState(issued.issued.svid, nowMs) !== 'expired') held.issued += 1
    }
    return held
  }

  /** How it stands with the pod's SVIDs: of a volume what is mounted counts where it is known, of several volumes the worst. */
  stateOf(pod: PodObservation): WorkloadState {
    const nowMs = this.#clock.now()
    let worst: WorkloadState = 'none'
    for (const { issued, mounted } of this.#workloadsOf(pod)) {
      const svid = this.#newestOf(issued?.issued, mounted)?.svid
      if (svid && svidState(svid, nowMs) === 'expired') return 'expired'
      if (svid === undefined) worst = 'pending'
      else if (worst === 'none') worst = 'valid'
    }
    return worst
  }

  /** What is mounted, where it is known; but what was issued, where nobody has looked since. */
  #newestOf(issued: IssuedSide['issued'], mounted: MountedSide | undefined): SvidCopy | undefined {
    const copy = mounted?.copy
    if (!mounted || !copy || !issued || issued.svid.notBeforeMs <= copy.svid.notBeforeMs) return copy ?? issued
    return this.#seenForMs(issued, mounted) < 0 ? issued : copy
  }

  /** How long after the SVID was issued the node's files were still seen. */
  #seenForMs({ sinceMs }: SvidCopy, { node }: MountedSide): number {
    return (this.#contacts.mountedMs(node) ?? -Infinity) - sinceMs
  }

  #sideOf({ owner, namespace, volumeHash: hash }: RequestObservation): IssuedSide | undefined {
    return owner && this.#issued.get(owner.podUid, issuedKey(namespace, hash))
  }

  /** Counts a request to the volume that it names, or off it. */
  #count(request: RequestObservation, difference: 1 | -1): IssuedSide | undefined {
    const { owner, uid } = request
    if (owner === undefined) return undefined
    const side = this.#sideOf(request) ?? this.#newSide(request, owner)
    side.requests += difference
    if (side.issued?.uid === uid) {
      if (difference === 1) delete side.issued.lostMs
      else side.issued.lostMs = this.#clock.now()
    }
    return side
  }

  #newSide(
    { namespace, volumeHash: hash }: RequestObservation,
    owner: { podUid: string; podName: string },
  ): IssuedSide {
    const side: IssuedSide = { namespace, ...owner, volumeHash: hash, requests: 0 }
    const key = issuedKey(namespace, hash)
    this.#issued.set(owner.podUid, key, side)
    const workload = this.#known.get(owner.podUid)?.workloads.find((one) => one.issuedKey === key)
    if (workload) workload.issued = side
    return side
  }

  #take(side: IssuedSide | undefined, { uid, svid, createdMs, issuer }: RequestObservation): void {
    if (side === undefined || svid === undefined || side.issued?.uid === uid) return
    if (side.issued !== undefined && createdMs < side.issued.createdMs) return
    side.issued = { uid, createdMs, issuer, svid, sinceMs: this.#clock.now() }
    const pod = this.#pods.get(side.podUid)
    for (const { copy } of pod ? this.#findings.allOf(pod) : [])
      if (copy && copy.labels?.issuer !== issuer) copy.labels = undefined
  }

  #workloadsOf({ uid, volumes }: PodObservation): readonly Workload[] {
    return (volumes.length > 0 && this.#known.get(uid)?.workloads) || []
  }

  *#workloads(): Iterable<Workload> {
    for (const { ended, workloads } of this.#known.values()) if (!ended) yield* workloads
    if (!this.#pods.listed) yield* this.#unconfirmed()
  }

  /** What each side claims of pods that nobody could ask for: named by what is known, a uid or a hash at the least. */
  *#unconfirmed(): Iterable<Workload> {
    for (const uid of this.#issued.podUids())
      for (const side of this.#pods.get(uid) ? [] : this.#issued.of(uid)) {
        const { namespace, podName: pod, volumeHash: volume } = side
        if (this.#forgetIfGone(side)) continue
        yield { labels: { namespace, pod, volume, node: '' }, issuedKey: '', issued: side, mounted: undefined }
      }
    for (const mounted of this.#findings.ofUnknownPods()) {
      const { node, podUid, volume } = mounted
      const labels = { namespace: '', pod: podUid, volume, node }
      yield { labels, issuedKey: '', issued: undefined, mounted }
    }
  }

  /** No request is left, and no pod has such a volume. While pods were never listed, one may, as long as its SVID is valid. */
  #forgetIfGone(side: IssuedSide | undefined): boolean {
    if (side === undefined || side.requests > 0) return false
    const key = issuedKey(side.namespace, side.volumeHash)
    if (this.#known.get(side.podUid)?.workloads.some(({ issuedKey: known }) => known === key)) return false
    if (!this.#pods.listed && (side.issued?.svid.notAfterMs ?? 0) > this.#clock.now()) return false
    this.#issued.delete(side.podUid, key)
    return true
  }
}

const issuedKey = (namespace: string, hash: string): string => `${namespace}/${hash}`

function labelsOf(
  copy: SvidCopy,
  labels: Workload['labels'],
  issuer: string,
  source: SvidLabels['source'],
): SvidLabels {
  const { spiffeId, trustDomain } = copy.svid
  return (copy.labels ??= { spiffe_id: spiffeId, trust_domain: trustDomain, ...labels, issuer, file: '', source })
}
