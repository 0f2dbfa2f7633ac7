import type { Clock } from '../../clock.ts'
import { ByPod } from './byPod.ts'
import { NodeFindings, type VolumeName } from './nodeFindings.ts'
import type { Finding, MountedObservation, PodObservation } from './observations.ts'
import type { Pods } from './pods.ts'
import { reread, type MountedSide } from './workload.ts'

/** The node of what this process sees itself, which counts wherever the pod is. */
export const ownEyes = ''

/** A node role tells of a volume of a pod that is on another node. */
export type WrongNode = (node: string, volume: string, pod: PodObservation) => void

/** What is believed of a volume of a pod has changed. */
export type MountedChanged = (pod: PodObservation, volume: string) => void

/**
 * What the files of all nodes say, kept by who says it: whatever one node role tells, it changes nothing of what another tells.
 * It is believed only of pods that the API places on its node. A finding may come before its pod is known or placed: it waits.
 */
export class Findings {
  readonly #clock: Clock
  readonly #pods: Pods
  readonly #wrongNode: WrongNode
  readonly #changed: MountedChanged
  readonly #own = new NodeFindings()
  readonly #nodes = new Map([[ownEyes, this.#own]])
  /** The nodes whose findings wait, by pod. */
  readonly #waiting = new ByPod<string>()

  constructor(clock: Clock, pods: Pods, wrongNode: WrongNode, changed: MountedChanged) {
    this.#clock = clock
    this.#pods = pods
    this.#wrongNode = wrongNode
    this.#changed = changed
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
      if (isGone || (node !== ownEyes && isSilent(node))) this.#of(node).sides.delete(pod.uid, volume)
  }

  forget(node: string): void {
    const { sides } = this.#of(node)
    this.#nodes.delete(node)
    for (const { podUid, volume } of sides.all()) {
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

  /** The nodes of which this process sees files itself. */
  *ownNodes(): Iterable<string> {
    for (const uid of this.#own.sides.podUids()) yield this.#pods.get(uid)?.node ?? ''
  }

  /** What is told of pods that are not known. */
  *ofUnknownPods(): Iterable<MountedSide> {
    for (const { sides } of this.#nodes.values())
      for (const uid of sides.podUids()) if (this.#pods.get(uid) === undefined) yield* sides.of(uid)
  }

  /** How many findings of a node are held, and how many of them are refused. */
  counts(node: string): { readonly findings: number; readonly refused: number } {
    const { sides, refused } = this.#nodes.get(node) ?? new NodeFindings()
    return { findings: sides.size + refused.size, refused: refused.size }
  }

  #mounted(node: string, { podUid, volume, reading }: MountedObservation): void {
    const findings = this.#of(node)
    findings.see({ podUid, volume })
    // A pod never changes its node: what was refused stays so, also when its pod is gone.
    if (findings.refused.get(podUid, volume)) return
    const pod = this.#pods.get(podUid)
    if (node !== ownEyes && pod?.node !== node) {
      if (pod?.node) return this.#refuse(node, findings, volume, pod)
      this.#waiting.set(podUid, node, node)
    }
    const side = reread(findings.sides.get(podUid, volume), reading, this.#clock.now())
    findings.sides.set(podUid, volume, { node, podUid, volume, isGone: false, ...side })
    this.#tell(podUid, volume)
  }

  /** A pod that runs without its volume has lost it (kubernetes#121271): what it held stays known, as unmounted. */
  #unmounted(node: string, { podUid, volume }: VolumeName): void {
    const { sides, refused } = this.#of(node)
    refused.delete(podUid, volume)
    const side = sides.get(podUid, volume)
    if (side !== undefined && this.#isUsed(side)) {
      const lost = reread(side, { problem: 'unmounted', detail: '' }, this.#clock.now())
      sides.set(podUid, volume, { node, podUid, volume, isGone: true, ...lost })
    } else {
      sides.delete(podUid, volume)
      if (!sides.has(podUid)) this.#waiting.delete(podUid, node)
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
  #refuse(node: string, { sides, refused }: NodeFindings, volume: string, pod: PodObservation): void {
    sides.delete(pod.uid, volume)
    refused.set(pod.uid, volume, { podUid: pod.uid, volume })
    this.#wrongNode(node, volume, pod)
  }

  #tell(podUid: string, volume: string): void {
    const pod = this.#pods.get(podUid)
    if (pod) this.#changed(pod, volume)
  }

  #of(node: string): NodeFindings {
    const findings = this.#nodes.get(node) ?? new NodeFindings()
    this.#nodes.set(node, findings)
    return findings
  }
}
