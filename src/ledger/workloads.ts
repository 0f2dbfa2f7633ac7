import type { Clock } from '../clock.ts'
import { volumeHash } from '../identity/volumeHash.ts'
import type { MountedObservation, PodObservation, RequestObservation } from './observations.ts'
import type { DriftView, SvidLabels, SvidView } from './view.ts'
import { reread, viewOf, type SvidCopy, type Workload } from './workload.ts'

/** When a source saw its system last, ms since the Unix epoch; undefined: never. */
export interface Contacts {
  readonly issuedMs: number | undefined
  readonly mountedMs: number | undefined
}

/** How long the driver may take to write what was issued before the mounted copy counts as stale. */
const writeGraceMs = 10_000

/**
 * The pod volumes that hold SVIDs. What is told of one may come in any order and from either side: its requests, its pod, its
 * files. A workload is shown while its pod runs; where pods have never been listed, nobody knows that it does not.
 */
export class Workloads {
  readonly #clock: Clock
  readonly #workloads = new Map<string, Map<string, Workload>>()
  readonly #pods = new Map<string, PodObservation>()
  readonly #podsSeen = new Set<string>()
  #podsListed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  requestChanged(before: RequestObservation | undefined, after: RequestObservation | undefined): void {
    const request = after ?? before
    if (request?.owner === undefined) return
    const workload = this.#workload(request.owner.podUid, request.volumeHash)
    workload.requests += Number(before === undefined) - Number(after === undefined)
    if (after !== undefined) this.#requested(workload, after, request.owner.podName)
    else if (workload.issued?.uid === request.uid) workload.issued.lostMs = this.#clock.now()
    this.#forgetIfGone(workload)
  }

  mounted({ podUid, volume, reading }: MountedObservation): void {
    const workload = this.#workload(podUid, volumeHash(podUid, volume))
    const mounted = reread(workload.mounted, reading, this.#clock.now())
    if (mounted !== undefined) workload.mounted = mounted
    if (workload.volume !== volume) {
      workload.volume = volume
      relabel(workload)
    }
  }

  unmounted(podUid: string, volume: string): void {
    const workload = this.#workload(podUid, volumeHash(podUid, volume))
    delete workload.mounted
    this.#forgetIfGone(workload)
  }

  pod(pod: PodObservation): void {
    this.#pods.set(pod.uid, pod)
    this.#podsSeen.add(pod.uid)
    for (const volume of pod.volumes) this.#workload(pod.uid, volumeHash(pod.uid, volume)).volume = volume
    this.#ofPod(pod.uid).forEach(relabel)
  }

  podDeleted(uid: string): void {
    this.#pods.delete(uid)
    for (const workload of this.#ofPod(uid)) {
      delete workload.issued
      this.#forgetIfGone(workload)
    }
  }

  beginPodListing(): void {
    this.#podsSeen.clear()
  }

  endPodListing(): void {
    this.#podsListed = true
    for (const uid of new Set([...this.#pods.keys(), ...this.#workloads.keys()]))
      if (!this.#podsSeen.has(uid)) this.podDeleted(uid)
  }

  *svids(contacts: Contacts): Iterable<SvidView> {
    const nowMs = this.#clock.now()
    for (const workload of this.#visible()) {
      const { issued, mounted } = workload
      if (issued) yield viewOf(issued, this.#labels(workload, issued, 'issued'), nowMs, contacts.issuedMs)
      if (mounted) yield viewOf(mounted, this.#labels(workload, mounted, 'mounted'), nowMs, contacts.mountedMs)
    }
  }

  *drifts(): Iterable<DriftView> {
    const nowMs = this.#clock.now()
    for (const workload of this.#visible()) {
      const { issued, mounted } = workload
      if (!issued || !mounted || issued.svid.notBeforeMs <= mounted.svid.notBeforeMs) continue
      if (nowMs - issued.sinceMs >= writeGraceMs)
        yield { labels: this.#labels(workload, mounted, 'mounted'), cause: 'mount_stale' }
    }
  }

  #requested(workload: Workload, request: RequestObservation, podName: string): void {
    const { uid, svid, createdMs } = request
    const isNewest = createdMs >= (workload.issued?.createdMs ?? -Infinity)
    if (svid !== undefined && isNewest && workload.issued?.uid !== uid) {
      workload.issued = { uid, createdMs, svid, sinceMs: this.#clock.now() }
    }
    if (isNewest && (workload.issuer !== request.issuer || workload.podName !== podName)) {
      Object.assign(workload, { issuer: request.issuer, namespace: request.namespace, podName })
      relabel(workload)
    }
  }

  /** The same name for one pod and volume at a time: what is not known by name is named by its uid or hash. */
  #labels(workload: Workload, copy: SvidCopy, source: SvidLabels['source']): SvidLabels {
    const pod = this.#pods.get(workload.podUid)
    return (copy.labels ??= {
      spiffe_id: copy.svid.spiffeId,
      trust_domain: copy.svid.trustDomain,
      namespace: pod?.namespace ?? workload.namespace,
      pod: pod?.name ?? (workload.podName || workload.podUid),
      volume: workload.volume || workload.volumeHash,
      node: pod?.node ?? '',
      issuer: workload.issuer,
      file: '',
      source,
    })
  }

  *#visible(): Iterable<Workload> {
    for (const [podUid, workloads] of this.#workloads) {
      const pod = this.#pods.get(podUid)
      if (pod === undefined ? !this.#podsListed : !pod.ended) yield* workloads.values()
    }
  }

  #ofPod(podUid: string): readonly Workload[] {
    return [...(this.#workloads.get(podUid)?.values() ?? [])]
  }

  #workload(podUid: string, hash: string): Workload {
    const ofPod = this.#workloads.get(podUid) ?? new Map<string, Workload>()
    this.#workloads.set(podUid, ofPod)
    const known = ofPod.get(hash)
    if (known !== undefined) return known
    const workload = { podUid, volumeHash: hash, volume: '', namespace: '', podName: '', issuer: '', requests: 0 }
    ofPod.set(hash, workload)
    return workload
  }

  /** Nothing is left of it: no pod, no request, no file. While pods were never listed, an SVID counts until it expires. */
  #forgetIfGone(workload: Workload): void {
    if (this.#pods.has(workload.podUid) || workload.requests > 0 || workload.mounted) return
    const mayRun = !this.#podsListed && workload.issued && workload.issued.svid.notAfterMs > this.#clock.now()
    if (mayRun) return
    const ofPod = this.#workloads.get(workload.podUid)
    ofPod?.delete(workload.volumeHash)
    if (ofPod?.size === 0) this.#workloads.delete(workload.podUid)
  }
}

function relabel(workload: Workload): void {
  delete workload.issued?.labels
  delete workload.mounted?.labels
}
