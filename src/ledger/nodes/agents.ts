import type { NamedObjects } from '../objects.ts'
import type { AgentSvids } from '../workloads/survey/tally.ts'
import type { AgentPods } from './agentPods.ts'
import type { CsiNodeObservation, NodeObservation } from './observations.ts'
import type { AgentView } from './view.ts'

export interface AgentsOptions {
  readonly nodes: NamedObjects<NodeObservation>
  readonly csiNodes: NamedObjects<CsiNodeObservation>
  readonly agentPods: AgentPods
  /** The agents whose volumes hold SVIDs. */
  readonly svidAgents: readonly string[]
  /** Reports whether the files of a node are known. */
  readonly hasSeen: (node: string) => boolean
  /** Reports whether CertificateRequests have been seen. */
  readonly knowsIssued: () => boolean
}

/** Agents knows which agents each node should have, and whether they are up. */
export class Agents {
  readonly #options: AgentsOptions

  constructor(options: AgentsOptions) {
    this.#options = options
  }

  /** Returns all agents. Pods must have been listed. `svids` are the counts of a walk through the workloads. */
  *all(svids: AgentSvids): Iterable<AgentView> {
    const { agentPods, csiNodes } = this.#options
    for (const node of this.#nodes()) {
      const registered = csiNodes.named(node)?.agents ?? []
      for (const agent of new Set([...registered, ...agentPods.agentsOf(node)]))
        yield { node, agent, up: agentPods.isUp(node, agent), ...this.#svidsOf(node, agent, svids) }
    }
  }

  #svidsOf(node: string, agent: string, svids: AgentSvids): { svids?: number } {
    const { svidAgents, hasSeen, knowsIssued } = this.#options
    if (!svidAgents.includes(agent)) return {}
    const { mounted = 0, issued = 0 } = svids.get(node)?.get(agent) ?? {}
    if (hasSeen(node)) return { svids: mounted }
    return knowsIssued() ? { svids: issued } : {}
  }

  /** Until nodes have been listed, these are the nodes on which pods run. */
  *#nodes(): Iterable<string> {
    const { nodes, agentPods } = this.#options
    if (nodes.listed) for (const { name } of nodes.all()) yield name
    else yield* agentPods.runningNodes()
  }
}
