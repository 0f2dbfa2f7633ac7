import type { AgentNodes } from './agentNodes.ts'
import type { NamedObjects } from '../workloads/objects.ts'
import type { CsiNodeObservation, NodeObservation } from './observations.ts'
import { isRunning, type Pods } from '../workloads/pods.ts'
import type { PodStanding } from '../workloads/standing.ts'
import type { AgentView } from './view.ts'

export interface AgentsOptions {
  readonly pods: Pods
  readonly nodes: NamedObjects<NodeObservation>
  readonly csiNodes: NamedObjects<CsiNodeObservation>
  readonly agentNodes: AgentNodes
  /** The agents whose volumes hold SVIDs. */
  readonly svidAgents: readonly string[]
  /** The nodes whose files are known. */
  readonly seenNodes: () => ReadonlySet<string>
  /** Whether it is known what was issued. */
  readonly knowsIssued: () => boolean
}

/** What the pods of a node say of an agent that they are, or need. */
interface Told {
  up: boolean
  mounted: number
  issued: number
}

/** Which nodes should have which agents, and whether they have. */
export class Agents {
  readonly #options: AgentsOptions

  constructor(options: AgentsOptions) {
    this.#options = options
  }

  /** Nothing before pods have been listed: what has not been seen yet is not missing. */
  *all(standings: Iterable<PodStanding>): Iterable<AgentView> {
    const { pods, agentNodes, csiNodes } = this.#options
    if (!pods.listed) return
    agentNodes.forget()
    const told = this.#told(standings)
    const seen = this.#options.seenNodes()
    for (const node of this.#nodes()) {
      const ofNode = told.get(node)
      const registered = csiNodes.named(node)?.agents ?? []
      for (const agent of new Set([...(ofNode?.keys() ?? []), ...registered, ...agentNodes.agentsOf(node)]))
        yield { node, agent, up: ofNode?.get(agent)?.up ?? false, ...this.#svids(agent, ofNode, seen.has(node)) }
    }
  }

  #svids(agent: string, told: ReadonlyMap<string, Told> | undefined, isSeen: boolean): { svids?: number } {
    if (!this.#options.svidAgents.includes(agent)) return {}
    if (isSeen) return { svids: told?.get(agent)?.mounted ?? 0 }
    return this.#options.knowsIssued() ? { svids: told?.get(agent)?.issued ?? 0 } : {}
  }

  /** The nodes that exist; until they have been listed, those that pods are on. */
  #nodes(): ReadonlySet<string> {
    const { nodes, pods } = this.#options
    const names = new Set<string>()
    if (nodes.listed) for (const { name } of nodes.all()) names.add(name)
    else for (const { node } of pods.running()) names.add(node)
    return names
  }

  #told(standings: Iterable<PodStanding>): ReadonlyMap<string, ReadonlyMap<string, Told>> {
    const byNode = new Map<string, Map<string, Told>>()
    const { pods } = this.#options
    for (const { node, agent, needs, volumes } of pods.running()) {
      if (agent?.ready) toldOf(byNode, node, agent.name).up = true
      if (volumes.length === 0) for (const needed of needs) toldOf(byNode, node, needed)
    }
    for (const { pod, mounted, issued } of standings) {
      if (!isRunning(pod)) continue
      for (const agent of pod.needs) {
        const told = toldOf(byNode, pod.node, agent)
        told.mounted += mounted
        told.issued += issued
      }
    }
    return byNode
  }
}

function toldOf(byNode: Map<string, Map<string, Told>>, node: string, agent: string): Told {
  const ofNode = byNode.get(node)
  const known = ofNode?.get(agent)
  if (known !== undefined) return known
  const told = { up: false, mounted: 0, issued: 0 }
  byNode.set(node, (ofNode ?? new Map<string, Told>()).set(agent, told))
  return told
}
