import type { Clock } from '../../clock.ts'
import type { NamedObjects } from '../workloads/objects.ts'
import type { AgentNode } from '../memory.ts'
import type { NodeObservation } from './observations.ts'
import type { PodObservation } from '../workloads/observations.ts'
import { isRunning } from '../workloads/pods.ts'

/** How many pods of an agent a node has, and since when it has none; undefined while nobody could tell. */
interface Presence {
  pods: number
  lostMs: number | undefined
}

/** An agent that was uninstalled is not missed for ever. */
const missedMs = 24 * 60 * 60_000

/** The nodes that have, or had, a pod of an agent. */
export class AgentNodes {
  readonly #clock: Clock
  readonly #nodes: NamedObjects<NodeObservation>
  /** By node and agent. */
  readonly #presences = new Map<string, Map<string, Presence>>()
  #podsListed = false

  constructor(clock: Clock, nodes: NamedObjects<NodeObservation>) {
    this.#clock = clock
    this.#nodes = nodes
  }

  podChanged(before: PodObservation | undefined, after: PodObservation | undefined): void {
    if (after?.agent && isRunning(after)) this.#count(after.node, after.agent.name, 1)
    if (before?.agent && isRunning(before)) this.#count(before.node, before.agent.name, -1)
  }

  /** All pods are known: what is remembered and is not there is lost. */
  podsListed(): void {
    this.#podsListed = true
    for (const ofNode of this.#presences.values())
      for (const presence of ofNode.values()) if (presence.pods === 0) presence.lostMs ??= this.#clock.now()
  }

  /** Goes on from what was remembered, also when pods are known already; what was seen since then counts. */
  restore(agentNodes: readonly AgentNode[]): void {
    for (const { node, agent, lostMs } of agentNodes)
      if (this.#presences.get(node)?.get(agent) === undefined) this.#presence(node, agent).lostMs = lostMs
    if (this.#podsListed) this.podsListed()
  }

  /** What a restart must not forget, in a stable order. */
  memory(): readonly AgentNode[] {
    this.forget()
    return [...this.#presences]
      .sort(byName)
      .flatMap(([node, ofNode]) =>
        [...ofNode]
          .sort(byName)
          .map(([agent, { lostMs }]) => ({ node, agent, ...(lostMs !== undefined && { lostMs }) })),
      )
  }

  /** Forgets what has been missed for long enough, and what was on nodes that are gone. */
  forget(): void {
    const overMs = this.#clock.now() - missedMs
    for (const [node, ofNode] of this.#presences) {
      for (const [agent, { pods, lostMs = Infinity }] of ofNode)
        if (pods === 0 && (lostMs <= overMs || this.#nodes.lacks(node))) ofNode.delete(agent)
      if (ofNode.size === 0) this.#presences.delete(node)
    }
  }

  /** The agents that a node has, or is missed on. */
  agentsOf(node: string): Iterable<string> {
    return this.#presences.get(node)?.keys() ?? []
  }

  #count(node: string, agent: string, difference: 1 | -1): void {
    const presence = this.#presence(node, agent)
    presence.pods += difference
    presence.lostMs = presence.pods === 0 ? this.#clock.now() : undefined
  }

  #presence(node: string, agent: string): Presence {
    const ofNode = this.#presences.get(node) ?? new Map<string, Presence>()
    const presence = ofNode.get(agent) ?? { pods: 0, lostMs: undefined }
    this.#presences.set(node, ofNode.set(agent, presence))
    return presence
  }
}

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1
