import type { Clock } from '../clock.ts'
import { volumeHash } from '../identity/volumeHash.ts'
import type { MountedObservation, PodObservation, RequestObservation } from './observations.ts'
import type { DriftView, SvidLabels, SvidView } from './view.ts'
import { reread, viewOf, type IssuedSide, type MountedSide, type SvidCopy } from './workload.ts'

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
  readonly mounted: SvidCopy | undefined
}

/** A pod, and for each of its volumes the keys under which both sides know it. */
interface KnownPod {
  readonly pod: PodObservation
  readonly volumes: readonly { readonly name: string; readonly issuedKey: string; readonly mountedKey: string }[]
}

/**
 * The pod volumes that hold SVIDs. What is told of one may come in any order and from any side: its pod, its requests, its
 * files. The pod decides: what requests of another namespace claim of it, or of a volume that it does not have, is nobody's.
 * Where pods have never been listed, nobody knows better, and each side is shown by itself.
 */
export class Workloads {
  readonly #clock: Clock
  readonly #issued = new Map<string, IssuedSide>()
  readonly #mounted = new Map<string, MountedSide>()
  readonly #pods = new Map<string, KnownPod>()
  readonly #podsSeen = new Set<string>()
  #podsListed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  requestChanged(before: RequestObservation | undefined, after: RequestObservation | undefined): void {
    const request = after ?? before
    if (request?.owner === undefined) return
    const { namespace, volumeHash: hash, owner } = request
    const key = issuedKey(namespace, owner.podUid, hash)
    const side = this.#issued.get(key) ?? { namespace, ...owner, volumeHash: hash, requests: 0 }
    this.#issued.set(key, side)
    side.requests += Number(before === undefined) - Number(after === undefined)
    if (after !== undefined) this.#take(side, after)
    else if (side.issued?.uid === request.uid) side.issued.lostMs = this.#clock.now()
    this.#forgetIfGone(key, side)
  }

  mounted({ podUid, volume, reading }: MountedObservation): void {
    const key = mountedKey(podUid, volume)
    const mounted = reread(this.#mounted.get(key)?.mounted, reading, this.#clock.now())
    this.#mounted.set(key, { podUid, volume, mounted })
  }

  unmounted(podUid: string, volume: string): void {
    this.#mounted.delete(mountedKey(podUid, volume))
  }

  pod(pod: PodObservation): void {
    const { uid, namespace } = pod
    const volumes = pod.volumes.map((name) => ({
      name,
      issuedKey: issuedKey(namespace, uid, volumeHash(uid, name)),
      mountedKey: mountedKey(uid, name),
    }))
    for (const volume of volumes) this.#relabel(volume.issuedKey, volume.mountedKey)
    this.#pods.set(uid, { pod, volumes })
    this.#podsSeen.add(uid)
  }

  podDeleted(uid: string): void {
    const known = this.#pods.get(uid)
    this.#pods.delete(uid)
    for (const { issuedKey: key } of known?.volumes ?? []) this.#forgetIfGone(key, this.#issued.get(key))
  }

  beginPodListing(): void {
    this.#podsSeen.clear()
  }

  endPodListing(): void {
    this.#podsListed = true
    for (const uid of this.#pods.keys()) if (!this.#podsSeen.has(uid)) this.podDeleted(uid)
    for (const [key, side] of this.#issued) this.#forgetIfGone(key, side)
  }

  *svids(contacts: Contacts): Iterable<SvidView> {
    const nowMs = this.#clock.now()
    for (const { labels, issued, mounted } of this.#workloads()) {
      const issuer = issued?.issuer ?? ''
      if (issued) yield viewOf(issued, labelsOf(issued, labels, issuer, 'issued'), nowMs, contacts.issuedMs)
      if (mounted) yield viewOf(mounted, labelsOf(mounted, labels, issuer, 'mounted'), nowMs, contacts.mountedMs)
    }
  }

  *drifts(): Iterable<DriftView> {
    const nowMs = this.#clock.now()
    for (const { labels, issued, mounted } of this.#workloads()) {
      if (!issued || !mounted || issued.svid.notBeforeMs <= mounted.svid.notBeforeMs) continue
      if (nowMs - issued.sinceMs < writeGraceMs) continue
      yield { labels: labelsOf(mounted, labels, issued.issuer, 'mounted'), cause: 'mount_stale' }
    }
  }

  #take(side: IssuedSide, { uid, svid, createdMs, issuer }: RequestObservation): void {
    const isNewest = createdMs >= (side.issued?.createdMs ?? -Infinity)
    if (svid === undefined || !isNewest || side.issued?.uid === uid) return
    side.issued = { uid, createdMs, issuer, svid, sinceMs: this.#clock.now() }
    const mounted = this.#mountedOf(side)
    if (mounted?.labels && mounted.labels.issuer !== issuer) delete mounted.labels
  }

  #mountedOf({ podUid, volumeHash: hash }: IssuedSide): SvidCopy | undefined {
    const volume = this.#pods.get(podUid)?.pod.volumes.find((name) => volumeHash(podUid, name) === hash)
    return volume === undefined ? undefined : this.#mounted.get(mountedKey(podUid, volume))?.mounted
  }

  *#workloads(): Iterable<Workload> {
    for (const { pod, volumes } of this.#pods.values()) {
      if (pod.ended) continue
      for (const { name, ...keys } of volumes)
        yield {
          labels: { namespace: pod.namespace, pod: pod.name, volume: name, node: pod.node },
          issued: this.#issued.get(keys.issuedKey)?.issued,
          mounted: this.#mounted.get(keys.mountedKey)?.mounted,
        }
    }
    if (!this.#podsListed) yield* this.#unconfirmed()
  }

  /** What each side claims of pods that nobody could ask for: named by what is known, a uid or a hash at the least. */
  *#unconfirmed(): Iterable<Workload> {
    for (const [key, side] of this.#issued) {
      const { namespace, podUid, podName, volumeHash: hash, issued } = side
      if (this.#pods.has(podUid)) continue
      if (this.#forgetIfGone(key, side)) continue
      yield { labels: { namespace, pod: podName, volume: hash, node: '' }, issued, mounted: undefined }
    }
    for (const { podUid, volume, mounted } of this.#mounted.values())
      if (!this.#pods.has(podUid))
        yield { labels: { namespace: '', pod: podUid, volume, node: '' }, issued: undefined, mounted }
  }

  #relabel(issued: string, mounted: string): void {
    delete this.#issued.get(issued)?.issued?.labels
    delete this.#mounted.get(mounted)?.mounted?.labels
  }

  /** Neither request nor pod is left. While pods were never listed, the pod may run as long as its SVID is valid. */
  #forgetIfGone(key: string, side: IssuedSide | undefined): boolean {
    if (side === undefined || side.requests > 0 || this.#pods.has(side.podUid)) return false
    if (!this.#podsListed && (side.issued?.svid.notAfterMs ?? 0) > this.#clock.now()) return false
    return this.#issued.delete(key)
  }
}

const issuedKey = (namespace: string, podUid: string, hash: string): string => `${namespace}/${podUid}/${hash}`
const mountedKey = (podUid: string, volume: string): string => `${podUid}/${volume}`

function labelsOf(
  copy: SvidCopy,
  labels: Workload['labels'],
  issuer: string,
  source: SvidLabels['source'],
): SvidLabels {
  const { spiffeId, trustDomain } = copy.svid
  return (copy.labels ??= { spiffe_id: spiffeId, trust_domain: trustDomain, ...labels, issuer, file: '', source })
}
