import { addTo } from '../counts.ts'
import type { NamedObjects } from '../objects.ts'
import type { NamespaceObservation, PodObservation } from './observations.ts'
import { isRunning } from './pods.ts'
import type { PostureFinding } from './reasons.ts'
import type { StateCounts } from './tally.ts'
import { workloadStates, type PostureCount, type WorkloadCount, type WorkloadState } from './view.ts'

const none: StateCounts = { expired: 0, pending: 0, valid: 0, none: 0 }

/** Which pods should have SVIDs and have none, and which put identities at risk: counted as pods change. Agents are no workloads. */
export class Coverage {
  readonly #namespaces: NamedObjects<NamespaceObservation>
  /** The running pods without a volume for an SVID, by namespace. */
  readonly #withoutVolume = new Map<string, number>()
  /** The pods that have not ended, by namespace and finding. */
  readonly #posture = new Map<string, Map<PostureFinding, number>>()

  constructor(namespaces: NamedObjects<NamespaceObservation>) {
    this.#namespaces = namespaces
  }

  podChanged(before: PodObservation | undefined, after: PodObservation | undefined): void {
    if (after) this.#count(after, 1)
    if (before) this.#count(before, -1)
  }

  /** The workloads of the namespaces that use SVIDs, or say that they should. `states` are those of the pods with SVIDs. */
  *workloads(states: ReadonlyMap<string, StateCounts>): Iterable<WorkloadCount> {
    const told = new Set(states.keys())
    for (const { name, expectsSvids } of this.#namespaces.all()) if (expectsSvids) told.add(name)
    for (const namespace of told) {
      const counts = { ...(states.get(namespace) ?? none), none: this.#withoutVolume.get(namespace) ?? 0 }
      for (const state of Object.keys(workloadStates) as WorkloadState[])
        yield { namespace, state, count: counts[state] }
    }
  }

  /** What about pods that have not ended puts identities at risk; only what there is. */
  *posture(): Iterable<PostureCount> {
    for (const [namespace, ofNamespace] of this.#posture)
      for (const [finding, count] of ofNamespace) yield { namespace, finding, count }
  }

  #count(pod: PodObservation, difference: 1 | -1): void {
    const { namespace, agent, volumes, ended, posture } = pod
    if (isRunning(pod) && !agent && volumes.length === 0) addTo(this.#withoutVolume, namespace, difference)
    if (ended || posture.length === 0) return
    const ofNamespace = this.#posture.get(namespace) ?? new Map<PostureFinding, number>()
    for (const finding of posture) addTo(ofNamespace, finding, difference)
    if (ofNamespace.size > 0) this.#posture.set(namespace, ofNamespace)
    else this.#posture.delete(namespace)
  }
}
