/**
 * The kinds of failures that have causes in common. `mode` says which SVIDs that are well speak against a cause: those that got their
 * SVID since the first failure (`since`), those whose SVID became valid between the first and the last one that fails (`between`), or
 * all (`all`).
 */
export const families = {
  renewals: { mode: 'since', share: 0.8, keptShare: 0.5, keptFailing: 2, waitMs: 0 },
  mounts: { mode: 'all', share: 0.5, keptShare: 0.2, keptFailing: 2, waitMs: 60_000 },
  refusals: { mode: 'between', share: 0.8, keptShare: 0, keptFailing: 3, waitMs: 60_000 },
  issuance: { mode: 'since', share: 0.8, keptShare: 0.5, keptFailing: 2, waitMs: 15 * 60_000 },
} as const satisfies Readonly<Record<string, FamilyDeclaration>>

interface FamilyDeclaration {
  readonly mode: 'since' | 'between' | 'all'
  /** The share of a thing's SVIDs that must fail before the thing is named, and below which it is named no more. */
  readonly share: number
  readonly keptShare: number
  /** So many must fail for a thing to stay named. Two SVIDs of a trust domain may well be refused for reasons of their own. */
  readonly keptFailing: number
  /** How long its problems must last before someone is told: no longer than the alert by name of any of them waits. */
  readonly waitMs: number
}

export type Family = keyof typeof families

export const allFamilies = Object.keys(families) as readonly Family[]

/** What can explain many failures. */
export type CauseKind = 'node' | 'issuer' | 'trust_domain' | 'several_nodes' | 'everything'

/** One thing that explains the failures of a family. Its counts are those of SVIDs that tell something: see `families`. */
export interface Cause {
  readonly family: Family
  readonly kind: CauseKind
  /** The node, issuer or trust domain; '' for several nodes and everything. */
  readonly name: string
  /** How many SVIDs fail there, of how many. */
  readonly failing: number
  readonly of: number
  /** The same of all others. */
  readonly elsewhere: number
  readonly elsewhereOf: number
  /** The nodes, where they are several. */
  readonly nodes: readonly string[]
}

/** Names a cause among all. A cause that grows from several nodes to everything stays the same one. */
export const keyOf = ({ family, kind, name }: Pick<Cause, 'family' | 'kind' | 'name'>): string =>
  `${family} ${kind === 'several_nodes' ? 'everything' : kind} ${name}`
