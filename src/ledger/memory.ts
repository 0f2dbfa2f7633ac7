import * as z from 'zod'
import type { JwtAuthority } from '../identity/spiffeBundle.ts'
import type { X509Svid } from '../identity/x509Svid.ts'
import { x509SvidSchema } from '../identity/x509SvidSchema.ts'
import { storedProblem } from './storedProblem.ts'

/**
 * What outlives a restart besides the totals: what the systems themselves no longer tell. Times are milliseconds since the Unix
 * epoch.
 */
export interface Memory {
  readonly agentNodes: readonly AgentNode[]
  readonly bundles: readonly RememberedBundle[]
  /** Those that matter most come first. */
  readonly svids: readonly RememberedSvid[]
}

export const emptyMemory: Memory = { agentNodes: [], bundles: [], svids: [] }

/** A node that has, or had, a pod of an agent; `lostMs` says since when it has none. */
export interface AgentNode {
  readonly node: string
  readonly agent: string
  readonly lostMs?: number
}

/** The last good bundle of an endpoint, and for an https_spiffe one what to verify it with: the first bundle may no longer do. */
export interface RememberedBundle {
  readonly trustDomain: string
  /** https_spiffe: the fingerprint of the configured bundle that its trust goes back to. With another one configured, it verifies nothing. */
  readonly bootstrap?: string
  /** When it was last fetched. */
  readonly refreshedMs: number
  /** spiffe_sequence as text: it has 64 bits. */
  readonly sequence?: string
  readonly refreshHintMs?: number
  /** The X.509 authorities: DER, base64. */
  readonly authorities: readonly string[]
  readonly jwtAuthorities: readonly JwtAuthority[]
}

/** What was issued for a pod's volume by a request that is gone, or soon will be: drivers delete it before they ask for the next SVID. */
export interface RememberedSvid {
  readonly podUid: string
  readonly volume: string
  readonly issuer: string
  /** The request: its uid, when it was made, and since when it is gone. */
  readonly uid: string
  readonly createdMs: number
  readonly lostMs?: number
  readonly svid: X509Svid
}

/** The longest text, in characters, which are all ASCII: it leaves room for the checkpoint in a ConfigMap of 1 MiB. */
export const maxMemoryLength = 256 * 1024

/** The most of it for the nodes of agents: some 3,000 of them. */
const maxAgentsLength = maxMemoryLength / 2

/** Of the years 1970 to 9999: it is told as RFC 3339, which can write no other. */
const timeMs = z.number().min(0).max(Date.parse('9999-12-31T23:59:59.999Z'))
/** A name that becomes a label. */
const name = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .regex(/^[ -~]+$/)

const schema = z.strictObject({
  /** By agent and node: since when the node has none; null while it has one. */
  agents: z.record(name(63), z.record(name(253), timeMs.nullable())),
  bundles: z.array(
    z.strictObject({
      trustDomain: name(255),
      bootstrap: z.exactOptional(z.string().max(255)),
      refreshedMs: timeMs,
      sequence: z.exactOptional(z.string().regex(/^-?[0-9]{1,20}$/)),
      refreshHintMs: z.exactOptional(z.number()),
      authorities: z.array(z.base64()),
      jwtAuthorities: z.array(z.strictObject({ keyId: z.string(), expiresMs: z.exactOptional(z.number()) })),
    }),
  ),
  svids: z
    .array(
      z.strictObject({
        podUid: name(63),
        volume: name(63),
        issuer: z
          .string()
          .max(2048)
          .regex(/^[ -~]*$/),
        uid: name(63),
        createdMs: timeMs,
        lostMs: z.exactOptional(timeMs),
        svid: x509SvidSchema,
      }),
    )
    .default([]),
})
type Stored = z.infer<typeof schema>

/** The text to store. What would make it too long is left out: the last nodes of agents, the largest bundles, the last SVIDs. */
export function serializeMemory({ agentNodes, bundles, svids }: Memory): string {
  const agents = storedAgents(agentNodes)
  const room = maxMemoryLength - JSON.stringify({ agents, bundles: [], svids: [] }).length
  const length = (bundle: RememberedBundle) => JSON.stringify(bundle).length
  const smallest = fitting(
    bundles.toSorted((one, other) => length(one) - length(other)),
    room,
  )
  const kept = bundles.filter((bundle) => smallest.items.includes(bundle))
  return JSON.stringify({ agents, bundles: kept, svids: fitting(svids, smallest.room).items })
}

/** The first items, as many as there is room for, and the room that is left. */
function fitting<Item>(all: readonly Item[], room: number): { readonly items: readonly Item[]; readonly room: number } {
  let left = room
  for (const [index, item] of all.entries()) {
    const length = JSON.stringify(item).length + 1
    if (length > left) return { items: all.slice(0, index), room: left }
    left -= length
  }
  return { items: all, room: left }
}

/** Reads such a text; says what is wrong with anything else. */
export function parseMemory(text: string): { readonly memory: Memory } | { readonly problem: string } {
  if (text.length > maxMemoryLength) return { problem: `it is longer than ${maxMemoryLength} characters` }
  try {
    const { data, error } = schema.safeParse(JSON.parse(text))
    return data ? { memory: memoryOf(data) } : { problem: storedProblem(error) }
  } catch {
    return { problem: 'it is not JSON' }
  }
}

/** By agent, so that the name of each stands there once. */
function storedAgents(agentNodes: readonly AgentNode[]): Stored['agents'] {
  const stored = new Map<string, [node: string, lostMs: number | null][]>()
  let room = maxAgentsLength
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

function memoryOf({ agents, bundles, svids }: Stored): Memory {
  const agentNodes = Object.entries(agents).flatMap(([agent, nodes]) =>
    Object.entries(nodes).map(([node, lostMs]) => ({ node, agent, ...(lostMs !== null && { lostMs }) })),
  )
  return { agentNodes, bundles, svids }
}
