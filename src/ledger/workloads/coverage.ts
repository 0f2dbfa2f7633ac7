import type { NamedObjects } from './objects.ts'
import type { NamespaceObservation } from './observations.ts'
import { isRunning, type Pods } from './pods.ts'
import type { PostureFinding } from './reasons.ts'
import type { PodStanding } from './standing.ts'
import { workloadStates, type PostureCount, type WorkloadCount, type WorkloadState } from './view.ts'

type Counts = Record<WorkloadState, number>

/**
 * How the running pods of the namespaces that use SVIDs, or say that they should, are covered; nothing until all pods are known.
 * Agents are no workloads.
 */
export function* coverage(
  pods: Pods,
  namespaces: NamedObjects<NamespaceObservation>,
  standings: Iterable<PodStanding>,
): Iterable<WorkloadCount> {
  if (!pods.listed) return
  const counts = new Map<string, Counts>()
  const told = new Set<string>()
  for (const { name, expectsSvids } of namespaces.all()) if (expectsSvids) told.add(name)
  for (const { agent, volumes, namespace } of pods.running())
    if (!agent && volumes.length === 0) countsOf(counts, namespace).none += 1
  for (const { pod, state } of standings) {
    if (pod.agent || !isRunning(pod)) continue
    told.add(pod.namespace)
    countsOf(counts, pod.namespace)[state] += 1
  }
  for (const namespace of told) {
    const ofNamespace = countsOf(counts, namespace)
    for (const state of Object.keys(workloadStates) as WorkloadState[])
      yield { namespace, state, count: ofNamespace[state] }
  }
}

function countsOf(counts: Map<string, Counts>, namespace: string): Counts {
  const known = counts.get(namespace)
  if (known !== undefined) return known
  const none: Counts = { expired: 0, pending: 0, valid: 0, none: 0 }
  counts.set(namespace, none)
  return none
}

/** What about pods that have not ended puts identities at risk; only what there is. */
export function* posture(pods: Pods): Iterable<PostureCount> {
  const counts = new Map<string, Map<PostureFinding, number>>()
  for (const pod of pods.all()) {
    if (pod.ended || pod.posture.length === 0) continue
    const ofNamespace = counts.get(pod.namespace) ?? new Map<PostureFinding, number>()
    counts.set(pod.namespace, ofNamespace)
    for (const finding of pod.posture) ofNamespace.set(finding, (ofNamespace.get(finding) ?? 0) + 1)
  }
  for (const [namespace, ofNamespace] of counts)
    for (const [finding, count] of ofNamespace) yield { namespace, finding, count }
}
