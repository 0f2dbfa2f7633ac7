import * as z from 'zod'
import { rememberedBundleSchema, type RememberedBundle } from './bundles/remembered.ts'
import { agentNodesFrom, agentNodesSchema, storedAgentNodes, type AgentNode } from './nodes/remembered.ts'
import { storedProblem } from './stored.ts'
import { rememberedSvidSchema, type RememberedSvid } from './workloads/remembered.ts'

/** What outlives a restart besides the totals: what the systems themselves no longer tell. */
export interface Memory {
  readonly agentNodes: readonly AgentNode[]
  readonly bundles: readonly RememberedBundle[]
  /** Those that matter most come first. */
  readonly svids: readonly RememberedSvid[]
}

export const emptyMemory: Memory = { agentNodes: [], bundles: [], svids: [] }

/** The longest text, in characters, which are all ASCII: it leaves room for the checkpoint in a ConfigMap of 1 MiB. */
export const maxMemoryLength = 256 * 1024

/** The most of it for the nodes of agents: some 3,000 of them. */
const maxAgentsLength = maxMemoryLength / 2

/** What bundles leave to SVIDs at least: more than a hundred of them. */
const svidsLength = maxMemoryLength / 8

const schema = z.strictObject({
  agents: agentNodesSchema,
  bundles: z.array(rememberedBundleSchema),
  svids: z.array(rememberedSvidSchema),
})

/** The text to store. What would make it too long is left out: the last nodes of agents, the largest bundles, the last SVIDs. */
export function serializeMemory({ agentNodes, bundles, svids }: Memory): string {
  const agents = storedAgentNodes(agentNodes, maxAgentsLength)
  const roomBeside = (kept: readonly RememberedBundle[]) =>
    maxMemoryLength - JSON.stringify({ agents, bundles: kept, svids: [] }).length
  const kept = smallest(bundles, roomBeside([]) - svidsLength)
  const room = roomBeside(kept)
  return JSON.stringify({ agents, bundles: kept, svids: fitting(svids, room) })
}

/** Reads such a text; says what is wrong with anything else. */
export function parseMemory(text: string): { readonly memory: Memory } | { readonly problem: string } {
  if (text.length > maxMemoryLength) return { problem: `it is longer than ${maxMemoryLength} characters` }
  try {
    const { data, error } = schema.safeParse(JSON.parse(text))
    if (data === undefined) return { problem: storedProblem(error) }
    return { memory: { agentNodes: agentNodesFrom(data.agents), bundles: data.bundles, svids: data.svids } }
  } catch {
    return { problem: 'it is not JSON' }
  }
}

/** The smallest bundles, as many as there is room for, in the order in which they came. */
function smallest(bundles: readonly RememberedBundle[], room: number): readonly RememberedBundle[] {
  const lengths = new Map(bundles.map((bundle) => [bundle, JSON.stringify(bundle).length]))
  const bySize = bundles.toSorted((one, other) => (lengths.get(one) ?? 0) - (lengths.get(other) ?? 0))
  const kept = new Set(fitting(bySize, room))
  return bundles.filter((bundle) => kept.has(bundle))
}

/** The first items, as many as there is room for in a list that is JSON. */
function fitting<Item>(items: readonly Item[], room: number): readonly Item[] {
  let left = room
  for (const [index, item] of items.entries()) {
    left -= JSON.stringify(item).length + 1
    if (left < 0) return items.slice(0, index)
  }
  return items
}
