import type { Clock } from '../clock.ts'
import { volumeHash } from '../identity/volumeHash.ts'
import { ByPod } from './byPod.ts'
import type { Findings } from './findings.ts'
import type { PodObservation, RequestObservation } from './observations.ts'
import { isOver, type Pods } from './pods.ts'
import {
  copyInUse,
  current,
  standingOf,
  type KnownPod,
  type PodStanding,
  type ShownPod,
  type Workload,
} from './standing.ts'
import type { DriftView, SvidView, UnreadableView } from './view.ts'
import {
  issuedKey,
  issuerOf,
  labelsFor,
  labelsOf,
  unreadLabels,
  viewOf,
  type Contacts,
  type IssuedSide,
  type MountedSide,
  type SvidCopy,
} from './workload.ts'

/** How long the driver may take to write what was issued before the mounted copy counts as stale. */
const writeGraceMs = 10_000

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

  /** A request is new or has changed; `before` is the side that it counted to. Answers which one it counts to from now on. */
  requestChanged(request: RequestObservation, before: IssuedSide | undefined): IssuedSide | undefined {
    const side = this.#sideOf(request)
    if (side !== before) {
      if (side) this.#count(side, request.uid, 1)
      this.requestGone(request.uid, before)
    }
    if (side) this.#take(side, request)
    return side
  }

  requestGone(uid: string, before: IssuedSide | undefined): void {
    if (before === undefined) return
    this.#count(before, uid, -1)
    this.#forgetIfGone(before)
  }

  podChanged(before: PodObservation | undefined, after: PodObservation): void {
    const { uid, namespace, name, node, volumes } = after
    if (volumes.length === 0) return
    const known = this.#known.get(uid)
    if (known && before?.node === node) {
      // Of all that a pod's workloads are made of, it can only ever get a node.
      known.pod = after
      return
    }
    const workloads = volumes.map((volume): Workload => {
      const key = issuedKey(namespace, volumeHash(uid, volume))
      return {
        labels: { namespace, pod: name, volume, node },
        issuedKey: key,
        issued: this.#issued.get(uid, key),
        mounted: this.#findings.of(after, volume),
      }
    })
    this.#known.set(uid, { pod: after, workloads })
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
    for (const one of this.#shown())
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
    for (const one of this.#shown())
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
    for (const one of this.#shown())
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
    for (const known of this.#known.values())
      if (!isOver(known.pod, nowMs)) yield standingOf(known, nowMs, this.#seenForMs)
  }

  /** How long after the SVID was issued the node's files were still seen. */
  readonly #seenForMs = ({ sinceMs }: SvidCopy, { node }: MountedSide): number =>
    (this.#contacts.mountedMs(node) ?? -Infinity) - sinceMs

  /** The side of the volume that a request names; undefined where no pod owns it. */
  #sideOf({ owner, namespace, volumeHash: hash }: RequestObservation): IssuedSide | undefined {
    if (owner === undefined) return undefined
    const key = issuedKey(namespace, hash)
    return this.#issued.get(owner.podUid, key) ?? this.#newSide(key, namespace, owner, hash)
  }

  /** The strings of the pod are taken where it is known: equal ones take memory of their own for each request. */
  #newSide(key: string, namespace: string, owner: { podUid: string; podName: string }, hash: string): IssuedSide {
    const pod = this.#pods.get(owner.podUid)
    const workload = this.#known.get(owner.podUid)?.workloads.find((one) => one.issuedKey === key)
    const podUid = pod?.uid ?? owner.podUid
    const podName = pod?.name ?? owner.podName
    const side: IssuedSide = {
      namespace,
      podUid,
      podName,
      volumeHash: hash,
      requests: 0,
      asked: undefined,
      issued: undefined,
    }
    this.#issued.set(podUid, workload?.issuedKey ?? key, side)
    if (workload) workload.issued = side
    return side
  }

  /** Counts a request to the volume, or off it. */
  #count(side: IssuedSide, uid: string, difference: 1 | -1): void {
    side.requests += difference
    if (side.issued?.uid !== uid) return
    if (difference === 1) delete side.issued.lostMs
    else side.issued.lostMs = this.#clock.now()
  }

  #take(side: IssuedSide, request: RequestObservation): void {
    const { uid, svid, createdMs, issuer } = request
    if (side.issued?.uid === uid || createdMs < (side.issued?.createdMs ?? -Infinity)) return
    if (svid !== undefined) {
      const labels = labelsFor(svid, side.issued, issuer)
      side.issued = { uid, createdMs, issuer, svid, sinceMs: this.#clock.now(), labels }
      side.asked = undefined
    } else {
      if (side.issued !== undefined || createdMs < (side.asked?.createdMs ?? -Infinity)) return
      side.asked = { issuer, createdMs }
    }
    this.#issuerChanged(side, issuer)
  }

  #issuerChanged(side: IssuedSide, issuer: string): void {
    const pod = this.#pods.get(side.podUid)
    for (const { copy } of pod ? this.#findings.allOf(pod) : [])
      if (copy && copy.labels?.issuer !== issuer) copy.labels = undefined
  }

  /** The pods whose current volumes are shown; in the order of a Map, so that walking them costs no generator. */
  #shown(): Iterable<ShownPod> {
    return this.#pods.listed ? this.#known.values() : this.#withUnconfirmed()
  }

  *#withUnconfirmed(): Iterable<ShownPod> {
    yield* this.#known.values()
    for (const workload of this.#unconfirmed()) yield { workloads: [workload] }
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
