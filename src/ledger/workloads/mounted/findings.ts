import { instantOf, type Clock } from '../../../clock.ts'
import type { Refusal } from '../../sight/view.ts'
import type { SharedBundles } from '../../trust/sharedBundles.ts'
import { ByPod } from '../byPod.ts'
import { lookedAt, lostFrom, mountedSinceMs } from './mountState.ts'
import { maxNodeAuthorities } from './nodeBundles.ts'
import { NodeFindings, type VolumeName } from './nodeFindings.ts'
import type { Finding, MountedObservation, PodObservation } from '../observations.ts'
import type { Pods } from '../pods.ts'
import { RecalledMounts } from './recalledMounts.ts'
import type { Slots } from '../slots.ts'
import type { MountedSide } from '../svid.ts'
import { reread } from '../svidCopy.ts'

/** The node name for this process's own findings, which are used whatever node the pod is on. */
export const thisProcess = ''

/** Called when the findings used for a volume of a pod have changed. */
export type MountedChanged = (pod: PodObservation, volume: string) => void

export interface FindingsOptions {
  readonly clock: Clock
  readonly pods: Pods
  readonly slots: Slots
  readonly shared: SharedBundles
  /** Called for what a node role reports and no node has, and for a finding about a pod on another node. */
  readonly refuse: (refusal: Refusal) => void
  readonly changed: MountedChanged
}

/**
 * Findings holds the findings of each node role apart, so that no node role can change those of another. They are used only for
 * pods that the API places on its node. A finding that arrives before its pod is known or placed waits.
 */
export class Findings {
  readonly #clock: Clock
  readonly #pods: Pods
  readonly #slots: Slots
  readonly #shared: SharedBundles
  readonly #report: (refusal: Refusal) => void
  readonly #changed: MountedChanged
  readonly #own: NodeFindings
  readonly #nodes: Map<string, NodeFindings>
  /** The mounts that an earlier process has remembered. */
  readonly recalled = new RecalledMounts()
  /** The nodes whose findings wait, by pod. */
  readonly #waiting = new ByPod<string>((node) => node)

  constructor({ clock, pods, slots, shared, refuse, changed }: FindingsOptions) {
    this.#clock = clock
    this.#pods = pods
    this.#slots = slots
    this.#shared = shared
    this.#report = refuse
    this.#changed = changed
    this.#own = new NodeFindings(thisProcess, slots, shared)
    this.#nodes = new Map([[thisProcess, this.#own]])
  }

  take(finding: Finding): void {
    const node = finding.node ?? thisProcess
    if (finding.kind === 'mounted') this.#mounted(node, finding.mounted)
    else this.#unmounted(node, finding)
  }

  beginListing(node: string): void {
    this.#of(node).beginListing()
  }

  /** Volumes that did not come again are unmounted. */
  endListing(node: string): void {
    for (const name of this.#of(node).endListing()) this.#unmounted(node, name, true)
  }

  /** The pod has got its node, which never changes: uses or refuses the findings that waited for it. */
  placed(pod: PodObservation): void {
    for (const node of this.#waiting.getAll(pod.uid)) {
      this.#waiting.delete(pod.uid, node)
      if (pod.node === node) continue
      const findings = this.#of(node)
      for (const { volume } of findings.sides.getAll(pod.uid)) this.#refuse(node, findings, volume, pod)
    }
  }

  /**
   * Keeps the findings about a deleted pod until its node role reports the volumes as unmounted. Forgets those for which no
   * report will come: volumes that are gone already, and all volumes if the node role cannot be seen.
   */
  podDeleted(pod: PodObservation, isSilent: (node: string) => boolean): void {
    this.recalled.forget(pod.uid, pod.volumes)
    for (const { node, volume, isGone } of this.forPod(pod))
      if (isGone || (node !== thisProcess && isSilent(node))) this.#of(node).delete(pod.uid, volume)
  }

  forget(node: string): void {
    const findings = this.#of(node)
    this.#nodes.delete(node)
    for (const { podUid, volume } of findings.sides.all()) {
      findings.delete(podUid, volume)
      this.#waiting.delete(podUid, node)
      this.#reportChange(podUid, volume)
    }
  }

  /** Returns the finding used for a pod's volume: that of this process, else that of the pod's node role. */
  forVolume({ uid, node }: PodObservation, volume: string): MountedSide | undefined {
    return this.#own.sides.get(uid, volume) ?? this.#nodes.get(node)?.sides.get(uid, volume)
  }

  *forPod({ uid, node }: PodObservation): Iterable<MountedSide> {
    yield* this.#own.sides.getAll(uid)
    if (node !== thisProcess) yield* this.#nodes.get(node)?.sides.getAll(uid) ?? []
  }

  /** Reports whether this process has findings about pods on the node. */
  hasOwnOn(node: string): boolean {
    for (const uid of this.#own.sides.podUids()) if (this.#pods.get(uid)?.node === node) return true
    return false
  }

  /** Returns the findings about pods that are not known. */
  *forUnknownPods(): Iterable<MountedSide> {
    for (const { sides } of this.#nodes.values())
      for (const uid of sides.podUids()) if (this.#pods.get(uid) === undefined) yield* sides.getAll(uid)
  }

  /** Returns the number of findings of a node, and how many are refused. */
  counts(node: string): { readonly findings: number; readonly refused: number } {
    const { sides, refused } = this.#nodes.get(node) ?? new NodeFindings(node, this.#slots, this.#shared)
    return { findings: sides.size + refused.size, refused: refused.size }
  }

  #mounted(node: string, mounted: MountedObservation): void {
    const { podUid, volume, reading, writtenMs } = mounted
    const findings = this.#of(node)
    findings.markListed({ podUid, volume })
    // A pod never changes its node: a refused finding stays refused, also when its pod is gone.
    if (findings.refused.get(podUid, volume)) return
    const pod = this.#pods.get(podUid)
    if (node !== thisProcess && pod?.node !== node) {
      if (pod?.node) return this.#refuse(node, findings, volume, pod)
      this.#waiting.set(podUid, node)
    }
    const side = findings.sides.get(podUid, volume)
    const before = side ?? this.recalled.take(podUid, volume)
    const now = instantOf(this.#clock)
    const file = reread(before, reading, now, writtenMs)
    // The containers may have got newer files out of sight, but nothing is written where nothing is mounted.
    const isUnseen = findings.isListing && side?.problem === undefined
    const state = lookedAt(before, mounted, { startMs: mountedSinceMs(pod, volume), isUnseen }, now)
    if (!findings.set({ podUid, volume }, { ...file, ...state }, false)) this.#refuseBundle(node, findings)
    this.#reportChange(podUid, volume)
  }

  /**
   * A pod that runs without its volume has lost it (kubernetes#121271): the last SVID stays known, with the problem `unmounted`. `isUnseen`
   * says that this may have come about out of sight.
   */
  #unmounted(node: string, { podUid, volume }: VolumeName, isUnseen = false): void {
    const findings = this.#of(node)
    findings.refused.delete(podUid, volume)
    const side = findings.sides.get(podUid, volume)
    if (side !== undefined && this.#isUsed(side)) {
      const lost = reread(side, { problem: 'unmounted', detail: '' }, instantOf(this.#clock), undefined)
      findings.set({ podUid, volume }, { ...lost, ...lostFrom(side, isUnseen) }, true)
    } else {
      findings.delete(podUid, volume)
      if (!findings.sides.has(podUid)) this.#waiting.delete(podUid, node)
    }
    this.#reportChange(podUid, volume)
  }

  /** Reports whether the pod has the volume, is on the node, and has not ended. */
  #isUsed({ node, podUid, volume }: MountedSide): boolean {
    const pod = this.#pods.get(podUid)
    if (pod === undefined || pod.ended || !pod.volumes.some(({ name }) => name === volume)) return false
    return node === thisProcess || node === pod.node
  }

  /** Later bundles for which there is no room are not reported again. */
  #refuseBundle(node: string, findings: NodeFindings): void {
    if (!findings.hasRefusedBundle) this.#report(tooManyAuthorities(node))
    findings.hasRefusedBundle = true
  }

  /** Later findings about the same volume are not reported again. */
  #refuse(node: string, findings: NodeFindings, volume: string, pod: PodObservation): void {
    findings.delete(pod.uid, volume)
    findings.refused.set(pod.uid, { podUid: pod.uid, volume })
    this.#report(wrongNode(node, volume, pod))
  }

  #reportChange(podUid: string, volume: string): void {
    const pod = this.#pods.get(podUid)
    if (pod) this.#changed(pod, volume)
  }

  #of(node: string): NodeFindings {
    const findings = this.#nodes.get(node) ?? new NodeFindings(node, this.#slots, this.#shared)
    this.#nodes.set(node, findings)
    return findings
  }
}

const tooManyAuthorities = (node: string): Refusal => ({
  source: 'nodeFindings',
  reason: 'too_many_authorities',
  where: `the node role of ${node}`,
  detail: `more than ${maxNodeAuthorities} authorities in different trust bundles were reported: the other bundles are ignored`,
})

/** Returns the refusal of a node role's finding about a pod on another node. */
const wrongNode = (node: string, volume: string, pod: PodObservation): Refusal => ({
  source: 'nodeFindings',
  reason: 'wrong_node',
  where: `${node}: volume ${volume} of pod ${pod.namespace}/${pod.name}, which is on ${pod.node}`,
  detail: `not used: a node role may report only pods on its own node; check what answers as the node role of ${node}`,
})
