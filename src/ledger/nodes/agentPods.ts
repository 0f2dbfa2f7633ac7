import type { Clock } from '../../clock.ts'
import { addTo } from '../counts.ts'
import type { NamedObjects } from '../objects.ts'
import type { PodObservation } from '../workloads/observations.ts'
import { isRunning } from '../workloads/pods.ts'
import type { NodeObservation } from './observations.ts'
import type { AgentNode } from './remembered.ts'

/** The pods of an agent on a node. */
interface Presence {
  pods: number
  ready: number
  /** Since when there is no pod, ms since the Unix epoch; undefined if there is one, or if that is not known. */
  lostMs: number | undefined
}

/** After this long without pods on a node, an agent counts as uninstalled. */
const missedMs = 24 * 60 * 60_000

/** AgentPods counts, as pods change, the pods of each agent on each node, and the pods that need an agent there. */
export class AgentPods {
  readonly #clock: Clock
  readonly #nodes: NamedObjects<NodeObservation>
  readonly #presences = new Map<string, Map<string, Presence>>()
  /** How many running pods need the agent, by node and agent. */
  readonly #needs = new Map<string, Map<string, number>>()
  /** How many pods run, by node. */
  readonly #running = new Map<string, number>()
  #podsListed = false

  constructor(clock: Clock, nodes: NamedObjects<NodeObservation>) {
    this.#clock = clock
    this.#nodes = nodes
  }

  podChanged(before: PodObservation | undefined, after: PodObservation | undefined): void {
    if (after && isRunning(after)) this.#count(after, 1)
    if (before && isRunning(before)) this.#count(before, -1)
  }

  /** All pods are known: a remembered agent without a pod is lost from now on. */
  podsListed(): void {
    this.#podsListed = true
    for (const byAgent of this.#presences.values())
      for (const presence of byAgent.values()) if (presence.pods === 0) presence.lostMs ??= this.#clock.now()
  }

  /** Restores remembered agents, but not where pods of the agent have been seen since. */
  restore(agentNodes: readonly AgentNode[]): void {
    for (const { node, agent, lostMs } of agentNodes)
      if (this.#presences.get(node)?.get(agent) === undefined) this.#presence(node, agent).lostMs = lostMs
    if (this.#podsListed) this.podsListed()
  }

  /** Returns the nodes of agents to remember over a restart, in a stable order. */
  memory(): readonly AgentNode[] {
    return [...this.#presences].sort(byName).flatMap(([node, byAgent]) =>
      [...byAgent]
        .filter(([, presence]) => !this.#isForgotten(node, presence))
        .sort(byName)
        .map(([agent, { lostMs }]) => ({ node, agent, ...(lostMs !== undefined && { lostMs }) })),
    )
  }

  /** Forgets agents that have been missed for long enough, and those on nodes that are gone. */
  forgetOld(): void {
    for (const [node, byAgent] of this.#presences) {
      for (const [agent, presence] of byAgent) if (this.#isForgotten(node, presence)) byAgent.delete(agent)
      if (byAgent.size === 0) this.#presences.delete(node)
    }
  }

  /** Reports whether a pod runs on the node. */
  hasRunning(node: string): boolean {
    return this.#running.has(node)
  }

  runningNodes(): Iterable<string> {
    return this.#running.keys()
  }

  /** Returns the agents that run, are missed, or are needed by pods on a node. An agent may come twice. */
  *agentsOf(node: string): Iterable<string> {
    for (const [agent, presence] of this.#presences.get(node) ?? []) if (!this.#isForgotten(node, presence)) yield agent
    yield* this.#needs.get(node)?.keys() ?? []
  }

  /** Reports whether a pod of the agent on the node is Ready. */
  isUp(node: string, agent: string): boolean {
    return (this.#presences.get(node)?.get(agent)?.ready ?? 0) > 0
  }

  #isForgotten(node: string, { pods, lostMs = Infinity }: Presence): boolean {
    return pods === 0 && (lostMs <= this.#clock.now() - missedMs || this.#nodes.lacks(node))
  }

  #count({ node, agent, needs }: PodObservation, difference: 1 | -1): void {
    addTo(this.#running, node, difference)
    if (needs.length > 0) {
      const byAgent = this.#needs.get(node) ?? new Map<string, number>()
      for (const needed of needs) addTo(byAgent, needed, difference)
      if (byAgent.size > 0) this.#needs.set(node, byAgent)
      else this.#needs.delete(node)
    }
    if (agent === undefined) return
    const presence = this.#presence(node, agent.name)
    presence.pods += difference
    if (agent.ready) presence.ready += difference
    presence.lostMs = presence.pods === 0 ? this.#clock.now() : undefined
  }

  #presence(node: string, agent: string): Presence {
    const byAgent = this.#presences.get(node) ?? new Map<string, Presence>()
    const presence = byAgent.get(agent) ?? { pods: 0, ready: 0, lostMs: undefined }
    this.#presences.set(node, byAgent.set(agent, presence))
    return presence
  }
}

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1
