import type { NamedObjects } from './objects.ts'
import type { NamespaceObservation, PodObservation } from './observations.ts'
import type { Pods } from './pods.ts'
import type { PostureFinding } from './reasons.ts'
import { workloadStates, type PostureCount, type WorkloadCount, type WorkloadState } from './view.ts'
import { zeros } from './zeros.ts'

/**
 * How the running pods of the namespaces that use SVIDs, or say that they should, are covered; nothing until all pods are known.
 * Agents are no workloads.
 */
export function* coverage(
  pods: Pods,
  namespaces: NamedObjects<NamespaceObservation>,
  stateOf: (pod: PodObservation) => WorkloadState,
): Iterable<WorkloadCount> {
  if (!pods.listed) return
  const counts = new Map<string, Map<WorkloadState, number>>()
  const told = new Set<string>()
  for (const { name, expectsSvids } of namespaces.all()) if (expectsSvids) told.add(name)
  for (const pod of pods.running()) {
    if (pod.agent) continue
    if (pod.volumes.length > 0) told.add(pod.namespace)
    const ofNamespace = counts.get(pod.namespace) ?? zeros(workloadStates)
    const state = stateOf(pod)
    counts.set(pod.namespace, ofNamespace.set(state, (ofNamespace.get(state) ?? 0) + 1))
  }
  for (const namespace of told)
    for (const [state, count] of counts.get(namespace) ?? zeros(workloadStates)) yield { namespace, state, count }
}

/** What about pods that have not ended puts identities at risk; only what there is. */
export function* posture(pods: Pods): Iterable<PostureCount> {
  const counts = new Map<string, Map<PostureFinding, number>>()
  for (const pod of pods.all())
    for (const finding of pod.ended ? [] : pod.posture) {
      const ofNamespace = counts.get(pod.namespace) ?? new Map<PostureFinding, number>()
      counts.set(pod.namespace, ofNamespace.set(finding, (ofNamespace.get(finding) ?? 0) + 1))
    }
  for (const [namespace, ofNamespace] of counts)
    for (const [finding, count] of ofNamespace) yield { namespace, finding, count }
}
