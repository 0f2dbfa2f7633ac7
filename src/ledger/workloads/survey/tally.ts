import type { PodObservation } from '../observations.ts'
import { isRunning } from '../pods.ts'
import { hasExpired, stateOf, type Moment } from '../compared/compare.ts'
import { areMounted } from '../mounted/mountState.ts'
import { noProbeStates, podProbeState } from '../served/probeStates.ts'
import type { PodProbes } from '../served/servedSide.ts'
import type { Svid, Workload } from '../svid.ts'
import type { ProbeState, WorkloadState } from '../view.ts'

/** How many SVIDs the pods of a node have from each agent, by node and agent. */
export type AgentSvids = ReadonlyMap<string, ReadonlyMap<string, SvidCount>>

export interface SvidCount {
  /** SVIDs that are mounted and can be read. */
  mounted: number
  /** SVIDs that are issued and have not expired. */
  issued: number
}

export type StateCounts = Record<WorkloadState, number>

/** Tally counts the running pods with SVIDs by state, and their SVIDs by agent, during a walk through the workloads. */
export class Tally {
  /** By namespace. */
  readonly states = new Map<string, StateCounts>()
  /** What probes of the pods found, by namespace; undefined if nothing is probed. */
  readonly #probes: Map<string, Record<ProbeState, number>> | undefined
  readonly #agents = new Map<string, Map<string, SvidCount>>()

  constructor(isProbing: boolean) {
    this.#probes = isProbing ? new Map() : undefined
  }

  /** Returns what probes of the pods found, by namespace. */
  get probes(): ReadonlyMap<string, Readonly<Record<ProbeState, number>>> {
    return this.#probes ?? new Map()
  }

  get agentSvids(): AgentSvids {
    return this.#agents
  }

  add(pod: PodObservation, { svids, probes }: Workload, moment: Moment): void {
    if (!isRunning(pod)) return
    if (this.#probes) countProbes(this.#probes, pod, svids, probes)
    if (!pod.agent) countState(this.states, pod.namespace, stateOf(svids, pod, moment))
    for (const agent of pod.needs) {
      const count = this.#countOf(pod.node, agent)
      for (const { issued: side, mounted } of svids) {
        if (mounted?.copy && !mounted.problem) count.mounted += 1
        if (side?.issued && !hasExpired(side.issued.svid, moment.now.wallMs)) count.issued += 1
      }
    }
  }

  #countOf(node: string, agent: string): SvidCount {
    const agentCounts = this.#agents.get(node)
    const known = agentCounts?.get(agent)
    if (known !== undefined) return known
    const count = { mounted: 0, issued: 0 }
    this.#agents.set(node, (agentCounts ?? new Map<string, SvidCount>()).set(agent, count))
    return count
  }
}

function countState(counts: Map<string, StateCounts>, namespace: string, state: WorkloadState): void {
  const known = counts.get(namespace)
  const namespaceCounts = known ?? { expired: 0, pending: 0, valid: 0, none: 0 }
  namespaceCounts[state] += 1
  if (known === undefined) counts.set(namespace, namespaceCounts)
}

function countProbes(
  counts: Map<string, Record<ProbeState, number>>,
  pod: PodObservation,
  svids: readonly Svid[],
  probes: PodProbes | undefined,
): void {
  const known = counts.get(pod.namespace)
  const namespaceCounts = known ?? noProbeStates()
  namespaceCounts[podProbeState(svids, probes, areMounted(pod))] += 1
  if (known === undefined) counts.set(pod.namespace, namespaceCounts)
}
