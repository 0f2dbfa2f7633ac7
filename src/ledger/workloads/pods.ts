import { Objects } from '../objects.ts'
import type { PodObservation } from './observations.ts'

/** What is told of the pods' changes: `before` is undefined for one that is new, `after` for one that is gone. */
export type PodChanged = (before: PodObservation | undefined, after: PodObservation | undefined) => void

/** It is placed on a node, and has not ended. */
export const isRunning = ({ ended, node }: PodObservation): boolean => !ended && node !== ''

/** How much longer than it should a pod may take to stop. */
const stopGraceMs = 60_000

/**
 * It has ended, or should have long ago: its node is lost, where nobody says any more that it has stopped, and whatever replaces
 * it runs elsewhere.
 */
export const isOver = ({ ended, deadlineMs = Infinity }: PodObservation, nowMs: number): boolean =>
  ended || nowMs > deadlineMs + stopGraceMs

/** The pods that exist. */
export class Pods extends Objects<PodObservation> {
  readonly #changed: PodChanged

  constructor(changed: PodChanged) {
    super()
    this.#changed = changed
  }

  override upsert(pod: PodObservation): void {
    const before = this.get(pod.uid)
    super.upsert(pod)
    this.#changed(before, pod)
  }

  override delete(uid: string): void {
    const before = this.get(uid)
    super.delete(uid)
    if (before) this.#changed(before, undefined)
  }

  *running(): Iterable<PodObservation> {
    for (const pod of this.all()) if (isRunning(pod)) yield pod
  }
}
