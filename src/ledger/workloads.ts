import type { Clock } from '../clock.ts'
import { volumeHash } from '../identity/volumeHash.ts'
import { ByPod } from './byPod.ts'
import type { MountedObservation, PodObservation, RequestObservation } from './observations.ts'
import type { DriftView, SvidLabels, SvidView, UnreadableView } from './view.ts'
import { reread, unreadLabels, viewOf, type IssuedSide, type MountedSide, type SvidCopy } from './workload.ts'

/** When a source saw its system last, ms since the Unix epoch; undefined: never. */
export interface Contacts {
  readonly issuedMs: number | undefined
  readonly mountedMs: number | undefined
}

/** How long the driver may take to write what was issued before the mounted copy counts as stale. */
const writeGraceMs = 10_000

/** One workload: a volume of a pod, with what was issued for it and what is mounted. */
interface Workload {
  readonly labels: Pick<SvidLabels, 'namespace' | 'pod' | 'volume' | 'node'>
  readonly issued: IssuedSide['issued']
  readonly mounted: MountedSide | undefined
}

/** A pod, and its volumes as either side names them. */
interface KnownPod {
  readonly pod: PodObservation
  readonly volumes: readonly { readonly name: string; readonly issuedKey: string }[]
}

/**
 * The pod volumes that hold SVIDs. What is told of one may come in any order and from any side: its pod, its requests, its
 * files. The pod decides: what requests of another namespace claim of it, or of a volume that it does not have, is nobody's.
 * Where pods have never been listed, nobody knows better, and each side is shown by itself.
 */
export class Workloads {
  readonly #clock: Clock
  readonly #issued = new ByPod<IssuedSide>()
  readonly #mounted = new ByPod<MountedSide>()
  readonly #pods = new Map<string, KnownPod>()
  #podsSeen: Set<string> | undefined
  #podsListed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  requestChanged(before: RequestObservation | undefined, after: RequestObservation | undefined): void {
    if (before !== undefined) this.#count(before, -1)
    if (after !== undefined) this.#take(this.#count(after, 1), after)
    if (before !== undefined) this.#forgetIfGone(this.#sideOf(before))
  }

  mounted({ podUid, volume, reading }: MountedObservation): void {
    const side = reread(this.#mounted.get(podUid, volume), reading, this.#clock.now())
    this.#mounted.set(podUid, volume, { podUid, volume, isGone: false, ...side })
  }

  /** A pod that runs without its volume has lost it (kubernetes#121271): what it held stays known, as unmounted. */
  unmounted(podUid: string, volume: string): void {
    const pod = this.#pods.get(podUid)?.pod
    const side = this.#mounted.get(podUid, volume)
    if (pod === undefined || pod.ended || side === undefined) return this.#mounted.delete(podUid, volume)
    const lost = reread(side, { problem: 'unmounted', detail: '' }, this.#clock.now())
    this.#mounted.set(podUid, volume, { podUid, volume, isGone: true, ...lost })
  }

  pod(pod: PodObservation): void {
    const { uid, namespace } = pod
    const volumes = pod.volumes.map((name) => ({ name, issuedKey: issuedKey(namespace, volumeHash(uid, name)) }))
    this.#pods.set(uid, { pod, volumes })
    this.#podsSeen?.add(uid)
    for (const side of this.#issued.of(uid)) delete side.issued?.labels
    for (const side of this.#mounted.of(uid)) delete side.copy?.labels
  }

  podDeleted(uid: string): void {
    this.#pods.delete(uid)
    for (const side of this.#issued.of(uid)) this.#forgetIfGone(side)
    for (const { volume, isGone } of this.#mounted.of(uid)) if (isGone) this.#mounted.delete(uid, volume)
  }

  beginPodListing(): void {
    this.#podsSeen = new Set()
  }

  endPodListing(): void {
    this.#podsListed = true
    for (const uid of this.#pods.keys()) if (!this.#podsSeen?.has(uid)) this.podDeleted(uid)
    for (const uid of this.#issued.podUids()) for (const side of this.#issued.of(uid)) this.#forgetIfGone(side)
    this.#podsSeen = undefined
  }

  *svids(contacts: Contacts): Iterable<SvidView> {
    const nowMs = this.#clock.now()
    for (const { labels, issued, mounted } of this.#workloads()) {
      const issuer = issued?.issuer ?? ''
      const copy = mounted?.copy
      if (issued) yield viewOf(issued, labelsOf(issued, labels, issuer, 'issued'), nowMs, contacts.issuedMs)
      if (copy) yield viewOf(copy, labelsOf(copy, labels, issuer, 'mounted'), nowMs, contacts.mountedMs)
    }
  }

  *unreadable(): Iterable<UnreadableView> {
    for (const { labels, issued, mounted } of this.#workloads()) {
      if (mounted?.problem === undefined) continue
      const { copy, problem } = mounted
      const full = copy ? labelsOf(copy, labels, issued?.issuer ?? '', 'mounted') : { ...unreadLabels, ...labels }
      yield { labels: full, reason: problem }
    }
  }

  *drifts(): Iterable<DriftView> {
    const nowMs = this.#clock.now()
    for (const { labels, issued, mounted } of this.#workloads()) {
      const copy = mounted?.copy
      if (!issued || !copy || issued.svid.notBeforeMs <= copy.svid.notBeforeMs) continue
      if (nowMs - issued.sinceMs < writeGraceMs) continue
      yield { labels: labelsOf(copy, labels, issued.issuer, 'mounted'), cause: 'mount_stale' }
    }
  }

  #sideOf({ owner, namespace, volumeHash: hash }: RequestObservation): IssuedSide | undefined {
    return owner && this.#issued.get(owner.podUid, issuedKey(namespace, hash))
  }

  /** Counts a request to the volume that it names, or off it. */
  #count(request: RequestObservation, difference: 1 | -1): IssuedSide | undefined {
    const { owner, namespace, volumeHash: hash, uid } = request
    if (owner === undefined) return undefined
    const side = this.#sideOf(request) ?? { namespace, ...owner, volumeHash: hash, requests: 0 }
    this.#issued.set(owner.podUid, issuedKey(namespace, hash), side)
    side.requests += difference
    if (side.issued?.uid === uid) {
      if (difference === 1) delete side.issued.lostMs
      else side.issued.lostMs = this.#clock.now()
    }
    return side
  }

  #take(side: IssuedSide | undefined, { uid, svid, createdMs, issuer }: RequestObservation): void {
    if (side === undefined || svid === undefined || side.issued?.uid === uid) return
    if (side.issued !== undefined && createdMs < side.issued.createdMs) return
    side.issued = { uid, createdMs, issuer, svid, sinceMs: this.#clock.now() }
    for (const { copy } of this.#mounted.of(side.podUid)) if (copy?.labels?.issuer !== issuer) delete copy?.labels
  }

  *#workloads(): Iterable<Workload> {
    for (const { pod, volumes } of this.#pods.values()) {
      if (pod.ended) continue
      for (const { name, issuedKey: key } of volumes)
        yield {
          labels: { namespace: pod.namespace, pod: pod.name, volume: name, node: pod.node },
          issued: this.#issued.get(pod.uid, key)?.issued,
          mounted: this.#mounted.get(pod.uid, name),
        }
    }
    if (!this.#podsListed) yield* this.#unconfirmed()
  }

  /** What each side claims of pods that nobody could ask for: named by what is known, a uid or a hash at the least. */
  *#unconfirmed(): Iterable<Workload> {
    for (const uid of this.#issued.podUids())
      for (const side of this.#pods.has(uid) ? [] : this.#issued.of(uid)) {
        const { namespace, podName, volumeHash: hash, issued } = side
        if (this.#forgetIfGone(side)) continue
        yield { labels: { namespace, pod: podName, volume: hash, node: '' }, issued, mounted: undefined }
      }
    for (const uid of this.#mounted.podUids())
      for (const mounted of this.#pods.has(uid) ? [] : this.#mounted.of(uid))
        yield { labels: { namespace: '', pod: uid, volume: mounted.volume, node: '' }, issued: undefined, mounted }
  }

  /** No request is left, and no pod has such a volume. While pods were never listed, one may, as long as its SVID is valid. */
  #forgetIfGone(side: IssuedSide | undefined): boolean {
    if (side === undefined || side.requests > 0) return false
    const key = issuedKey(side.namespace, side.volumeHash)
    if (this.#pods.get(side.podUid)?.volumes.some((volume) => volume.issuedKey === key)) return false
    if (!this.#podsListed && (side.issued?.svid.notAfterMs ?? 0) > this.#clock.now()) return false
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
