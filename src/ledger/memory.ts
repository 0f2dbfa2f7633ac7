import * as z from 'zod'
import { rememberedBundleSchema, type RememberedBundle } from './bundles/remembered.ts'
import { agentNodesFrom, agentNodesSchema, storedAgentNodes, type AgentNode } from './nodes/remembered.ts'
import { sourceNames, type SourceName } from './sight/observations.ts'
import { labelValue, storedProblem } from './stored.ts'
import { rememberedSvidSchema, type RememberedSvid } from './workloads/remembered.ts'

/** What outlives a restart besides the totals: facts that the watched systems no longer have. */
export interface Memory {
  /** The sources of custom resources whose CRD was installed. */
  readonly installed: readonly SourceName[]
  readonly agentNodes: readonly AgentNode[]
  readonly bundles: readonly RememberedBundle[]
  /** The most urgent SVIDs come first. */
  readonly svids: readonly RememberedSvid[]
}

export const emptyMemory: Memory = { installed: [], agentNodes: [], bundles: [], svids: [] }

/** The most characters of the stored text, all ASCII. They leave room for the checkpoint in a ConfigMap of 1 MiB. */
export const maxMemoryLength = 256 * 1024

/** The most characters for the nodes of agents: some 3,000 nodes. */
const maxAgentsLength = maxMemoryLength / 2

/** The characters that bundles leave for SVIDs: more than a hundred SVIDs. */
const reservedForSvids = maxMemoryLength / 8

/** Names of sources that another version has are left out when they are read. */
const maxInstalled = 100

const schema = z.object({
  installed: z.array(labelValue(63)).max(maxInstalled).default([]),
  agents: agentNodesSchema,
  bundles: z.array(rememberedBundleSchema),
  svids: z.array(rememberedSvidSchema),
})

/** Returns the text to store. If it would be too long, the last nodes of agents, the largest bundles and the last SVIDs are left out. */
export function serializeMemory({ installed, agentNodes, bundles, svids }: Memory): string {
  const agents = storedAgentNodes(agentNodes, maxAgentsLength)
  const roomBeside = (storedBundles: readonly RememberedBundle[]) =>
    maxMemoryLength - JSON.stringify({ installed, agents, bundles: storedBundles, svids: [] }).length
  const storedBundles = smallestFitting(bundles, roomBeside([]) - reservedForSvids)
  const room = roomBeside(storedBundles)
  return JSON.stringify({ installed, agents, bundles: storedBundles, svids: firstFitting(svids, room) })
}

/** Parses a stored text. Returns the problem, one line, if the text is not a memory. */
export function parseMemory(text: string): { readonly memory: Memory } | { readonly problem: string } {
  if (text.length > maxMemoryLength) return { problem: `it is longer than ${maxMemoryLength} characters` }
  try {
    const { data, error } = schema.safeParse(JSON.parse(text))
    if (data === undefined) return { problem: storedProblem(error) }
    const { installed, agents, ...rest } = data
    const isKnown = (name: SourceName) => installed.includes(name)
    return { memory: { installed: sourceNames.filter(isKnown), agentNodes: agentNodesFrom(agents), ...rest } }
  } catch {
    return { problem: 'it is not JSON' }
  }
}

/** Returns the smallest bundles, as many as there is room for, in their given order. */
function smallestFitting(bundles: readonly RememberedBundle[], room: number): readonly RememberedBundle[] {
  const lengths = new Map(bundles.map((bundle) => [bundle, JSON.stringify(bundle).length]))
  const bySize = bundles.toSorted((one, other) => (lengths.get(one) ?? 0) - (lengths.get(other) ?? 0))
  const fitting = new Set(firstFitting(bySize, room))
  return bundles.filter((bundle) => fitting.has(bundle))
}

/** Returns the first items, as many as there is room for in a JSON list. */
function firstFitting<Item>(items: readonly Item[], room: number): readonly Item[] {
  let left = room
  for (const [index, item] of items.entries()) {
    left -= JSON.stringify(item).length + 1
    if (left < 0) return items.slice(0, index)
  }
  return items
}
