import * as z from 'zod'
import { objectName, timeMs } from '../stored.ts'

/** A node that has, or had, a pod of an agent. `lostMs` is since when it has none, ms since the Unix epoch. */
export interface AgentNode {
  readonly node: string
  readonly agent: string
  readonly lostMs?: number
}

/** The stored form, by agent and node: since when the node has no pod of the agent; null while it has one. */
export const agentNodesSchema = z.record(objectName, z.record(objectName, timeMs.nullable()))
type StoredAgentNodes = z.infer<typeof agentNodesSchema>

/** Returns the stored form, which has each agent's name once. The last nodes are left out beyond `maxLength` characters. */
export function storedAgentNodes(agentNodes: readonly AgentNode[], maxLength: number): StoredAgentNodes {
  const stored = new Map<string, [node: string, lostMs: number | null][]>()
  let room = maxLength
  for (const { node, agent, lostMs = null } of agentNodes) {
    const nodes = stored.get(agent) ?? []
    room -= JSON.stringify({ [node]: lostMs }).length
    if (nodes.length === 0) room -= JSON.stringify({ [agent]: {} }).length
    if (room < 0) break
    nodes.push([node, lostMs])
    stored.set(agent, nodes)
  }
  return Object.fromEntries([...stored].map(([agent, nodes]) => [agent, Object.fromEntries(nodes)]))
}

/** Returns the nodes of agents in a stored form. */
export function agentNodesFrom(stored: StoredAgentNodes): readonly AgentNode[] {
  return Object.entries(stored).flatMap(([agent, nodes]) =>
    Object.entries(nodes).map(([node, lostMs]) => ({ node, agent, ...(lostMs !== null && { lostMs }) })),
  )
}
