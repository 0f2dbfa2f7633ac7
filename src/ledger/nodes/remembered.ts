import * as z from 'zod'
import { labelValue, timeMs } from '../stored.ts'

/** A node that has, or had, a pod of an agent; `lostMs`, ms since the Unix epoch, says since when it has none. */
export interface AgentNode {
  readonly node: string
  readonly agent: string
  readonly lostMs?: number
}

/** How they are stored: by agent and node, since when the node has none; null while it has one. */
export const agentNodesSchema = z.record(labelValue(63), z.record(labelValue(253), timeMs.nullable()))
type StoredAgentNodes = z.infer<typeof agentNodesSchema>

/** The form to store, of at most `maxLength` characters: by agent, so that the name of each stands there once. The last ones are left out. */
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

/** Reads that form. */
export function agentNodesFrom(stored: StoredAgentNodes): readonly AgentNode[] {
  return Object.entries(stored).flatMap(([agent, nodes]) =>
    Object.entries(nodes).map(([node, lostMs]) => ({ node, agent, ...(lostMs !== null && { lostMs }) })),
  )
}
