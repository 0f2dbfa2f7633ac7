import { Objects } from './objects.ts'
import type { PodObservation } from './observations.ts'

/** What is told of the pods' changes: `before` is undefined for one that is new, `after` for one that is gone. */
export type PodChanged = (before: PodObservation | undefined, after: PodObservation | undefined) => void

/** It is placed on a node, and has not ended. */
export const isRunning = ({ ended, node }: PodObservation): boolean => !ended && node !== ''

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
