import type { Clock } from '../../clock.ts'
import { ByPod } from './byPod.ts'
import { NodeFindings, type VolumeName } from './nodeFindings.ts'
import type { Finding, MountedObservation, PodObservation } from './observations.ts'
import type { Pods } from './pods.ts'
import type { Slots } from './slots.ts'
import { reread, type MountedSide } from './svid.ts'

/** The node of what this process sees itself, which counts wherever the pod is. */
export const ownEyes = ''

/** A node role tells of a volume of a pod that is on another node. */
export type WrongNode = (node: string, volume: string, pod: PodObservation) => void

/** What is believed of a volume of a pod has changed. */
export type MountedChanged = (pod: PodObservation, volume: string) => void

export interface FindingsOptions {
  readonly clock: Clock
  readonly pods: Pods
  readonly slots: Slots
  readonly wrongNode: WrongNode
  readonly changed: MountedChanged
}

/**
 * What the files of all nodes say, kept by who says it: whatever one node role tells, it changes nothing of what another tells.
 * It is believed only of pods that the API places on its node. A finding may come before its pod is known or placed: it waits.
 */
export class Findings {
  readonly #clock: Clock
  readonly #pods: Pods
  readonly #slots: Slots
  readonly #wrongNode: WrongNode
  readonly #changed: MountedChanged
  readonly #own: NodeFindings
  readonly #nodes: Map<string, NodeFindings>
  /** The nodes whose findings wait, by pod. */
  readonly #waiting = new ByPod<string>((node) => node)

  constructor({ clock, pods, slots, wrongNode, changed }: FindingsOptions) {
    this.#clock = clock
    this.#pods = pods
    this.#slots = slots
    this.#wrongNode = wrongNode
    this.#changed = changed
    this.#own = new NodeFindings(ownEyes, slots)
    this.#nodes = new Map([[ownEyes, this.#own]])
  }

  take(finding: Finding): void {
    const node = finding.node ?? ownEyes
    if (finding.kind === 'mounted') this.#mounted(node, finding.mounted)
    else this.#unmounted(node, finding)
  }

  beginListing(node: string): void {
    this.#of(node).beginListing()
  }

  /** What the node role did not tell again is unmounted. */
  endListing(node: string): void {
    for (const name of this.#of(node).endListing()) this.#unmounted(node, name)
  }

  /** The pod has got a node, which it never changes: what waits for that is believed, or refused. */
  placed(pod: PodObservation): void {
    for (const node of this.#waiting.of(pod.uid)) {
      this.#waiting.delete(pod.uid, node)
      if (pod.node === node) continue
      const findings = this.#of(node)
      for (const { volume } of findings.sides.of(pod.uid)) this.#refuse(node, findings, volume, pod)
    }
  }

  /**
   * A deleted pod leaves what its node found; the node role says when that is gone. What nobody will say that of is forgotten:
   * volumes that are gone already, and all of them where the node is silent.
   */
  podDeleted(pod: PodObservation, isSilent: (node: string) => boolean): void {
    for (const { node, volume, isGone } of this.allOf(pod))
      if (isGone || (node !== ownEyes && isSilent(node))) this.#of(node).delete(pod.uid, volume)
  }

  forget(node: string): void {
    const findings = this.#of(node)
    this.#nodes.delete(node)
    for (const { podUid, volume } of findings.sides.all()) {
      findings.delete(podUid, volume)
      this.#waiting.delete(podUid, node)
      this.#tell(podUid, volume)
    }
  }

  /** What is believed of a pod's volume: what this process sees itself, else what its node's role tells. */
  of({ uid, node }: PodObservation, volume: string): MountedSide | undefined {
    return this.#own.sides.get(uid, volume) ?? this.#nodes.get(node)?.sides.get(uid, volume)
  }

  /** All that is believed of a pod. */
  *allOf({ uid, node }: PodObservation): Iterable<MountedSide> {
    yield* this.#own.sides.of(uid)
    if (node !== ownEyes) yield* this.#nodes.get(node)?.sides.of(uid) ?? []
  }

  /** Reports whether this process itself sees files of pods on the node. */
  areOwnOf(node: string): boolean {
    for (const uid of this.#own.sides.podUids()) if (this.#pods.get(uid)?.node === node) return true
    return false
  }

  /** What is told of pods that are not known. */
  *ofUnknownPods(): Iterable<MountedSide> {
    for (const { sides } of this.#nodes.values())
      for (const uid of sides.podUids()) if (this.#pods.get(uid) === undefined) yield* sides.of(uid)
  }

  /** How many findings of a node are held, and how many of them are refused. */
  counts(node: string): { readonly findings: number; readonly refused: number } {
    const { sides, refused } = this.#nodes.get(node) ?? new NodeFindings(node, this.#slots)
    return { findings: sides.size + refused.size, refused: refused.size }
  }

  #mounted(node: string, { podUid, volume, reading, writtenMs }: MountedObservation): void {
    const findings = this.#of(node)
    findings.see({ podUid, volume })
    // A pod never changes its node: what was refused stays so, also when its pod is gone.
    if (findings.refused.get(podUid, volume)) return
    const pod = this.#pods.get(podUid)
    if (node !== ownEyes && pod?.node !== node) {
      if (pod?.node) return this.#refuse(node, findings, volume, pod)
      this.#waiting.set(podUid, node)
    }
    const file = reread(findings.sides.get(podUid, volume), reading, this.#clock.now(), writtenMs)
    findings.set({ podUid, volume }, file, false)
    this.#tell(podUid, volume)
  }

  /** A pod that runs without its volume has lost it (kubernetes#121271): what it held stays known, as unmounted. */
  #unmounted(node: string, { podUid, volume }: VolumeName): void {
    const findings = this.#of(node)
    findings.refused.delete(podUid, volume)
    const side = findings.sides.get(podUid, volume)
    if (side !== undefined && this.#isUsed(side)) {
      const lost = reread(side, { problem: 'unmounted', detail: '' }, this.#clock.now(), undefined)
      findings.set({ podUid, volume }, lost, true)
    } else {
      findings.delete(podUid, volume)
      if (!findings.sides.has(podUid)) this.#waiting.delete(podUid, node)
    }
    this.#tell(podUid, volume)
  }

  /** Its pod has such a volume, on that node, and has not ended. */
  #isUsed({ node, podUid, volume }: MountedSide): boolean {
    const pod = this.#pods.get(podUid)
    if (pod === undefined || pod.ended || !pod.volumes.some(({ name }) => name === volume)) return false
    return node === ownEyes || node === pod.node
  }

  /** Told once, as long as the node role goes on saying so. */
  #refuse(node: string, findings: NodeFindings, volume: string, pod: PodObservation): void {
    findings.delete(pod.uid, volume)
    findings.refused.set(pod.uid, { podUid: pod.uid, volume })
    this.#wrongNode(node, volume, pod)
  }

  #tell(podUid: string, volume: string): void {
    const pod = this.#pods.get(podUid)
    if (pod) this.#changed(pod, volume)
  }

  #of(node: string): NodeFindings {
    const findings = this.#nodes.get(node) ?? new NodeFindings(node, this.#slots)
    this.#nodes.set(node, findings)
    return findings
  }
}
