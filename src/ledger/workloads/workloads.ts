import type { Clock } from '../../clock.ts'
import { renewalDueMs, renewalRules } from '../../identity/renewal.ts'
import { volumeHash } from '../../identity/volumeHash.ts'
import { ByPod } from './byPod.ts'
import type { Findings } from './findings.ts'
import type { RememberedSvid } from '../memory.ts'
import type { PodObservation } from './observations.ts'
import type { RequestObservation } from '../issuance/observations.ts'
import type { Pods } from './pods.ts'
import { current, type KnownPod, type ShownPod, type Workload } from './standing.ts'
import { issuedKey, labelsFor, type IssuedSide } from './workload.ts'

/** How long svidwatch may be away and forget no SVID: as long before its renewal is due, it is remembered. */
const awayMs = 120_000

/** More than there is room for, and few enough to be sorted at each commit while the issuer of 100,000 is down. */
const maxRemembered = 1_000

/**
 * The pod volumes that hold SVIDs. What is told of one may come in any order and from any side: its pod, its requests, its
 * files. The pod decides: what requests of another namespace claim of it, or of a volume that it does not have, is nobody's.
 * Where pods have never been listed, nobody knows better, and each side is shown by itself.
 */
export class Workloads {
  readonly #clock: Clock
  readonly #pods: Pods
  readonly #findings: Findings
  readonly #issued = new ByPod<IssuedSide>()
  readonly #known = new Map<string, KnownPod>()
  /** What an earlier process has remembered, by volume, until it is known which pods there are. */
  readonly #remembered = new Map<string, RememberedSvid>()

  constructor(clock: Clock, pods: Pods, findings: Findings) {
    this.#clock = clock
    this.#pods = pods
    this.#findings = findings
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
    const workloads = volumes.map(({ name: volume }): Workload => {
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
    this.#recall()
    for (const uid of this.#issued.podUids()) for (const side of this.#issued.of(uid)) this.#forgetIfGone(side)
  }

  /** Goes on from what was remembered, also when requests are known already: what is newer counts. */
  restore(svids: readonly RememberedSvid[]): void {
    for (const svid of svids) this.#remembered.set(`${svid.podUid}/${svid.volume}`, svid)
    if (this.#pods.listed) this.#recall()
  }

  /** What no request tells any more comes first, then what may be told no more when the next process asks; each by its expiry. */
  memory(): readonly RememberedSvid[] {
    const nowMs = this.#clock.now()
    let svids = [...this.#remembered.values()]
    for (const known of this.#known.values())
      for (const { labels, issued: side } of current(known, nowMs)) {
        if (side?.issued === undefined) continue
        const { uid, createdMs, lostMs, issuer, svid } = side.issued
        if (lostMs === undefined && renewalDueMs(svid, renewalRules.other) > nowMs + awayMs) continue
        const request = { issuer, uid, createdMs, ...(lostMs !== undefined && { lostMs }) }
        svids.push({ podUid: side.podUid, volume: labels.volume, ...request, svid })
        if (svids.length >= 2 * maxRemembered) svids = firstOf(svids)
      }
    return firstOf(svids)
  }

  /** The pods whose current volumes are shown; in the order of a Map, so that walking them costs no generator. */
  shown(): Iterable<ShownPod> {
    return this.#pods.listed ? this.#known.values() : this.#withUnconfirmed()
  }

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

  #recall(): void {
    for (const remembered of this.#remembered.values()) {
      const { podUid, volume, uid, createdMs, issuer, svid, lostMs = createdMs } = remembered
      const known = this.#known.get(podUid)
      const workload = known?.workloads.find(({ labels }) => labels.volume === volume)
      if (!known || !workload) continue
      const { namespace, name: podName } = known.pod
      const side =
        workload.issued ?? this.#newSide(workload.issuedKey, namespace, { podUid, podName }, volumeHash(podUid, volume))
      if (createdMs <= (side.issued?.createdMs ?? -Infinity)) continue
      side.issued = { uid, createdMs, lostMs, issuer, svid, sinceMs: this.#clock.now(), labels: undefined }
      side.asked = undefined
      this.#issuerChanged(side, issuer)
    }
    this.#remembered.clear()
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

function firstOf(svids: RememberedSvid[]): RememberedSvid[] {
  return svids.sort(byUrgency).slice(0, maxRemembered)
}

function byUrgency(one: RememberedSvid, other: RememberedSvid): number {
  const isThere = ({ lostMs }: RememberedSvid) => Number(lostMs === undefined)
  return isThere(one) - isThere(other) || one.svid.notAfterMs - other.svid.notAfterMs || (one.uid < other.uid ? -1 : 1)
}
