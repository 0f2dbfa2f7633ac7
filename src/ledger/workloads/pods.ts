import { Objects } from '../objects.ts'
import { wholeCluster, type Part } from '../sight/observations.ts'
import type { PodObservation } from './observations.ts'

/** Called when a pod changes. `before` is undefined for a new pod, `after` for a pod that is gone. */
export type PodChanged = (before: PodObservation | undefined, after: PodObservation | undefined) => void

/** Reports whether a pod is placed on a node and has not ended. */
export const isRunning = ({ ended, node }: PodObservation): boolean => !ended && node !== ''

/** How much longer than its grace period a pod may take to stop. */
const stopGraceMs = 60_000

/**
 * Reports whether a pod has ended, or should have long ago. A pod on a lost node never reports that it has stopped, and its
 * replacement runs elsewhere.
 */
export const isOver = ({ ended, deadlineMs = Infinity }: PodObservation, nowMs: number): boolean =>
  ended || nowMs > deadlineMs + stopGraceMs

/** PartOfPods holds the pods of the whole cluster, or of one namespace. */
class PartOfPods extends Objects<PodObservation> {
  readonly #changed: PodChanged

  constructor(changed: PodChanged) {
    super()
    this.#changed = changed
  }

  /** Each version of a pod uses the strings of the first one, because equal strings would take memory of their own. */
  override upsert(pod: PodObservation): void {
    const before = this.get(pod.uid)
    const after = before ? { ...pod, uid: before.uid, name: before.name } : pod
    super.upsert(after)
    this.#changed(before, after)
  }

  override delete(uid: string): void {
    const before = this.get(uid)
    super.delete(uid)
    if (before) this.#changed(before, undefined)
  }
}

/** Pods holds the pods that exist, in the whole cluster or in the namespaces that are watched one by one. */
export class Pods {
  readonly #parts: ReadonlyMap<Part, PartOfPods>
  /** The part of the whole cluster; undefined if namespaces are watched one by one. */
  readonly #whole: PartOfPods | undefined

  constructor(changed: PodChanged, namespaces: readonly Part[] = [wholeCluster]) {
    this.#parts = new Map(namespaces.map((part) => [part, new PartOfPods(changed)]))
    this.#whole = this.#parts.get(wholeCluster)
  }

  /** Reports whether all pods of the cluster are watched, so that each pod of which a node role tells is known or will be. */
  get areAllWatched(): boolean {
    return this.#whole !== undefined
  }

  /** The pods of each part were listed: a pod that is not here does not exist, or is in a namespace that is not watched. */
  get listed(): boolean {
    return this.#whole?.listed ?? this.#parts.values().every(({ listed }) => listed)
  }

  /** Reports whether the pods of a namespace were listed. */
  hasListed(namespace: string): boolean {
    return this.#partOf(namespace)?.listed ?? false
  }

  get(uid: string): PodObservation | undefined {
    if (this.#whole) return this.#whole.get(uid)
    for (const part of this.#parts.values()) {
      const pod = part.get(uid)
      if (pod) return pod
    }
    return undefined
  }

  /** Takes a pod. One of a namespace that is not watched is ignored. */
  upsert(pod: PodObservation): void {
    this.#partOf(pod.namespace)?.upsert(pod)
  }

  delete(uid: string): void {
    for (const part of this.#parts.values()) part.delete(uid)
  }

  beginListing(namespace: Part = wholeCluster): void {
    this.#parts.get(namespace)?.beginListing()
  }

  endListing(namespace: Part = wholeCluster): void {
    this.#parts.get(namespace)?.endListing()
  }

  keep(uid: string, namespace: Part = wholeCluster): void {
    this.#parts.get(namespace)?.keep(uid)
  }

  #partOf(namespace: string): PartOfPods | undefined {
    return this.#whole ?? this.#parts.get(namespace)
  }
}
