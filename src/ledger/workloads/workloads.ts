import { instantOf } from '../../clock.ts'
import type { RenewalRule } from '../../identity/renewal.ts'
import type { RequestObservation } from '../issuance/observations.ts'
import type { RequestedFor } from '../issuance/view.ts'
import { ByPod } from './byPod.ts'
import { CopyChanges, isSameCopy } from './copyChanges.ts'
import { isSuspect } from './compared/drift.ts'
import type { Findings } from './mounted/findings.ts'
import { newSide, noteLost, recallSvid, takePod, takeRequest } from './issued/issuedSide.ts'
import { LastRequest } from './issued/lastRequest.ts'
import { Mounts, type MountsOptions } from './mounted/mounts.ts'
import type { PodObservation } from './observations.ts'
import { isOver, type Pods } from './pods.ts'
import { PodServers } from './served/podServers.ts'
import { Reloads } from './served/reloads.ts'
import { podSvids } from './podSvids.ts'
import { Recalled } from './recalled.ts'
import { svidsToRemember, type RememberedSvid } from './remembered.ts'
import type { Slots } from './slots.ts'
import { issuedKey, issuerOf, partsOfKey } from './svid.ts'
import type { IssuedSide, KnownPod, Workload } from './svid.ts'
import { unconfirmedSvids } from './unconfirmed.ts'
import type { RequestPlace } from './view.ts'

export interface WorkloadsOptions extends MountsOptions {
  readonly pods: Pods
  readonly findings: Findings
  readonly slots: Slots
  /** Returns the renewal rule for the SVIDs of a CSI driver; '' stands for an unknown driver. */
  readonly ruleOf: (driver: string) => RenewalRule
}

/**
 * Workloads holds the workloads and their SVIDs. The observations of a workload may arrive in any order: its pod, its requests, its
 * files. The pod decides which of them belong to it. A request in another namespace, or for a volume that the pod does not have,
 * belongs to no workload. Until pods have been listed, each request and each finding without a pod is shown as a workload.
 */
export class Workloads {
  readonly #options: WorkloadsOptions
  readonly #changes: CopyChanges
  readonly #mounts: Mounts
  readonly #issued = new ByPod<IssuedSide>(({ key }) => key)
  /** The sides without a request. */
  readonly #requestless = new Set<IssuedSide>()
  readonly #known = new Map<string, KnownPod>()
  /** The uids of pods that are to stop, until their copies have left the views. */
  readonly #stopping = new Set<string>()
  readonly #recalled = new Recalled()
  readonly #lastRequest = new LastRequest()
  /** What the servers in the pods present. */
  readonly servers: PodServers

  constructor(options: WorkloadsOptions) {
    this.#options = options
    this.#changes = new CopyChanges(options.followers)
    this.#mounts = new Mounts(options)
    const reloads = new Reloads(options)
    this.servers = new PodServers({ ...options, reloads, changes: this.#changes, known: (uid) => this.#known.get(uid) })
  }

  /** Takes a new or changed request. `before` is the side that it counted to. Returns the side that it counts to now. */
  requestChanged(request: RequestObservation, before: IssuedSide | undefined): IssuedSide | undefined {
    const side = this.#sideOf(request)
    if (side !== before) {
      if (side) this.#count(side, request.uid, 1)
      this.requestGone(request.uid, before)
    }
    if (side) this.#take(side, request)
    return side
  }

  workloadOf(request: RequestObservation): RequestedFor {
    return this.#lastRequest.workloadOf(request, this.#options.pods)
  }

  placeOf(request: RequestObservation): RequestPlace | undefined {
    return this.#mounts.placeOf(request, request.owner && this.#known.get(request.owner.podUid))
  }

  requestGone(uid: string, before: IssuedSide | undefined): void {
    if (before === undefined) return
    this.#count(before, uid, -1)
    this.#forgetIfGone(before)
  }

  podChanged(before: PodObservation | undefined, after: PodObservation): void {
    const { uid, node, volumes } = after
    if (volumes.length === 0) return
    const known = this.#known.get(uid)
    const hasLeft = isOver(after, this.#options.clock.now())
    if (hasLeft) this.#changes.gone(known)
    if (after.deadlineMs !== undefined) this.#stopping.add(uid)
    if (known && before?.node === node) {
      // Nothing else that a pod's SVIDs are made from ever changes.
      known.pod = after
      for (const svid of known.svids) svid.isSuspect = isSuspect(after, svid)
      return
    }
    for (const side of this.#issued.getAll(uid)) takePod(side, after)
    for (const { copy } of this.#options.findings.forPod(after)) if (copy) copy.labels = undefined
    const svids = podSvids(after, this.#issued, this.#options)
    const current: KnownPod = { pod: after, svids, hasLeft, probes: undefined }
    this.#known.set(uid, current)
    this.#changes.added(current)
    for (const svid of svids) this.#mounts.mayBeMounted(current, svid)
    this.servers.changed(current)
  }

  /** The findings used for the pod's volume have changed. */
  mountedChanged(pod: PodObservation, volume: string): void {
    const known = this.#known.get(pod.uid)
    const svid = known?.svids.find(({ place }) => place.volume === volume)
    if (!known || !svid) return
    const before = svid.mounted
    svid.mounted = this.#options.findings.forVolume(pod, volume)
    svid.isSuspect = isSuspect(known.pod, svid)
    this.#changes.mounted(known, svid, before)
    if (isSameCopy(before, svid.mounted)) return
    this.#mounts.mayBeMounted(known, svid)
    this.servers.changed(known)
  }

  podDeleted(uid: string): void {
    this.#changes.gone(this.#known.get(uid))
    this.#known.delete(uid)
    this.#stopping.delete(uid)
    this.servers.forget(uid)
    for (const side of this.#issued.getAll(uid)) this.#forgetIfGone(side)
  }

  /** The pods of the whole cluster, or of one namespace, were listed. */
  podsListed(): void {
    this.#recall()
    this.forgetOld()
  }

  /** Forgets the SVIDs of pods that do not exist, once their requests are gone, and lets pods that should have stopped leave. */
  forgetOld(): void {
    for (const uid of this.#stopping) {
      const known = this.#known.get(uid)
      if (!known || !isOver(known.pod, this.#options.clock.now())) continue
      this.#changes.gone(known)
      this.#stopping.delete(uid)
    }
    for (const side of this.#requestless) this.#forgetIfGone(side)
  }

  /** Restores remembered SVIDs. An SVID that is already known from a newer request stays. */
  restore(svids: readonly RememberedSvid[]): void {
    this.#recalled.add(svids)
    this.#recall()
  }

  /** Returns the SVIDs to remember over a restart, the most urgent first. Yields where it may be interrupted. */
  memory(): Generator<undefined, readonly RememberedSvid[]> {
    return svidsToRemember(this.#known.values(), this.#recalled.all(), this.#options.clock.now())
  }

  /** Returns the workloads. Once pods have been listed, these are the values of a Map, because a generator would slow the walk. */
  all(): Iterable<Workload> {
    return this.#options.pods.listed ? this.#known.values() : this.#withUnconfirmed()
  }

  /** Returns the side of a request; undefined if no pod owns the request. */
  #sideOf({ owner, namespace, volumeHash: hash }: RequestObservation): IssuedSide | undefined {
    if (owner === undefined) return undefined
    const key = issuedKey(namespace, hash)
    return this.#issued.get(owner.podUid, key) ?? this.#newSide(key, owner)
  }

  /** Uses the strings of a known pod, because equal strings from each request would take memory of their own. */
  #newSide(key: string, owner: { readonly podUid: string; readonly podName: string }): IssuedSide {
    const pod = this.#options.pods.get(owner.podUid)
    const svid = this.#known.get(owner.podUid)?.svids.find((one) => one.key === key)
    const names = { podUid: pod?.uid ?? owner.podUid, podName: pod?.name ?? owner.podName }
    const side = newSide(svid?.key ?? key, names, this.#options.slots.take())
    this.#issued.set(side.podUid, side)
    this.#requestless.add(side)
    if (svid) svid.issued = side
    return side
  }

  #recall(): void {
    for (const [remembered, { pod }, svid] of this.#recalled.take(this.#options.pods, this.#known)) {
      const side = svid.issued ?? this.#newSide(svid.key, { podUid: pod.uid, podName: pod.name })
      const issuerBefore = issuerOf(side)
      if (recallSvid(side, remembered, instantOf(this.#options.clock))) this.#sideChanged(side, 'issued', issuerBefore)
    }
  }

  #count(side: IssuedSide, uid: string, difference: 1 | -1): void {
    side.requests += difference
    if (side.requests === 0) this.#requestless.add(side)
    else this.#requestless.delete(side)
    noteLost(side, uid, difference === 1 ? undefined : this.#options.clock.now())
  }

  #take(side: IssuedSide, request: RequestObservation): void {
    const issuerBefore = issuerOf(side)
    this.#lastRequest.note(side, request.uid)
    const changed = takeRequest(side, request, this.#options.clock.monotonicMs(), {
      askedMs: this.#recalled.askedMs(side),
      mounted: () => this.#known.get(side.podUid)?.svids.find(({ key }) => key === side.key)?.mounted?.copy,
    })
    if (changed) this.#sideChanged(side, changed, issuerBefore)
  }

  #sideChanged(side: IssuedSide, changed: 'issued' | 'requested', issuerBefore: string): void {
    const { pods, findings } = this.#options
    const issuer = issuerOf(side)
    const pod = pods.get(side.podUid)
    for (const { copy } of pod ? findings.forPod(pod) : [])
      if (copy && copy.labels?.issuer !== issuer) copy.labels = undefined
    const known = this.#known.get(side.podUid)
    const svid = known?.svids.find(({ key }) => key === side.key)
    if (!known || !svid) return
    svid.isSuspect = isSuspect(known.pod, svid)
    if (changed === 'issued') this.#changes.issued(known, svid)
    if (changed === 'issued') this.#mounts.mayBeMounted(known, svid)
    if (issuer !== issuerBefore) this.#changes.issuer(known, svid)
    this.servers.changed(known)
  }

  *#withUnconfirmed(): Iterable<Workload> {
    yield* this.#known.values()
    const isGone = (side: IssuedSide) => this.#isGone(side)
    for (const svid of unconfirmedSvids(this.#issued, isGone, this.#options)) yield { svids: [svid] }
  }

  #forgetIfGone(side: IssuedSide): void {
    if (!this.#isGone(side)) return
    this.#issued.delete(side.podUid, side.key)
    this.#requestless.delete(side)
    this.#options.slots.free(side.slot)
  }

  /** No request is left, and no pod has such a volume. Until pods have been listed, one may, while its SVID is valid. */
  #isGone({ requests, key, podUid, issued }: IssuedSide): boolean {
    if (requests > 0 || this.#known.get(podUid)?.svids.some((svid) => svid.key === key)) return false
    return (
      this.#options.pods.hasListed(partsOfKey(key).namespace) ||
      (issued?.svid.notAfterMs ?? 0) <= this.#options.clock.now()
    )
  }
}
