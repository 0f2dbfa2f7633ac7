import { Objects } from '../objects.ts'
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

/** Pods holds the pods that exist. */
export class Pods extends Objects<PodObservation> {
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
