import { addTo } from '../../counts.ts'
import type { NamedObjects } from '../../objects.ts'
import type { NamespaceObservation, PodObservation } from '../observations.ts'
import { isRunning } from '../pods.ts'
import type { PostureFinding } from '../reasons.ts'
import type { StateCounts } from './tally.ts'
import { workloadStates, type PostureCount, type WorkloadCount, type WorkloadState } from '../view.ts'

const none: StateCounts = { expired: 0, pending: 0, valid: 0, none: 0 }

/**
 * Coverage counts, as pods change, the pods that should have SVIDs and have none, and the pods that put identities at risk. Agents
 * are not workloads.
 */
export class Coverage {
  readonly #namespaces: NamedObjects<NamespaceObservation>
  /** How many running pods have no volume for an SVID, by namespace. */
  readonly #withoutVolume = new Map<string, number>()
  /** How many pods that have not ended have each finding, by namespace. */
  readonly #posture = new Map<string, Map<PostureFinding, number>>()

  constructor(namespaces: NamedObjects<NamespaceObservation>) {
    this.#namespaces = namespaces
  }

  podChanged(before: PodObservation | undefined, after: PodObservation | undefined): void {
    if (after) this.#count(after, 1)
    if (before) this.#count(before, -1)
  }

  /**
   * Counts the workloads in each namespace that uses SVIDs or is labelled to expect them. `states` are the counts of pods with
   * SVIDs.
   */
  *workloads(states: ReadonlyMap<string, StateCounts>): Iterable<WorkloadCount> {
    const namespaces = new Set(states.keys())
    for (const { name, expectsSvids } of this.#namespaces.all()) if (expectsSvids) namespaces.add(name)
    for (const namespace of namespaces) {
      const counts = { ...(states.get(namespace) ?? none), none: this.#withoutVolume.get(namespace) ?? 0 }
      for (const state of Object.keys(workloadStates) as WorkloadState[])
        yield { namespace, state, count: counts[state] }
    }
  }

  /** Returns the counts that are not 0. */
  *posture(): Iterable<PostureCount> {
    for (const [namespace, counts] of this.#posture)
      for (const [finding, count] of counts) yield { namespace, finding, count }
  }

  #count(pod: PodObservation, difference: 1 | -1): void {
    const { namespace, agent, volumes, ended, posture } = pod
    if (isRunning(pod) && !agent && volumes.length === 0) addTo(this.#withoutVolume, namespace, difference)
    if (ended || posture.length === 0) return
    const counts = this.#posture.get(namespace) ?? new Map<PostureFinding, number>()
    for (const finding of posture) addTo(counts, finding, difference)
    if (counts.size > 0) this.#posture.set(namespace, counts)
    else this.#posture.delete(namespace)
  }
}
