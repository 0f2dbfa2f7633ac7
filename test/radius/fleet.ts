import type { Chance } from '../paging/chance.ts'
import { Svid } from './svid.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** The SVIDs of a cluster, with what can be mistaken for one another: few issuers for most, namespaces that are on one node. */
export interface Fleet {
  readonly svids: readonly Svid[]
  readonly nodes: readonly string[]
  readonly issuers: readonly string[]
  readonly trustDomains: readonly string[]
  readonly lifetimeMs: number
  /** The nodes whose files are not seen from the beginning of the incident on. */
  readonly blind: ReadonlySet<string>
  /** Whether node roles tell what is mounted. */
  readonly seesNodes: boolean
  /** From when to when svidwatch sees nothing of the API server; undefined if it always does. */
  readonly unseen: Span | undefined
}

/** Times are ms since the beginning. */
interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** Returns a fleet of 30 to 2,000 SVIDs. */
export function fleetOf(chance: Chance): Fleet {
  const size = Math.round(30 * (2000 / 30) ** chance.random())
  const lifetimeMs = chance.oneOf([hourMs, hourMs, hourMs, 24 * hourMs])
  const nodes = names('node', Math.min(Math.max(3, Math.round(size / chance.between(5, 40))), 100))
  const trustDomains = names('domain', chance.oneOf([1, 1, 2]))
  const issuers = names('issuer', Math.max(trustDomains.length, chance.oneOf([1, 2, 2, 3, 4])))
  const namespaces = names('team', chance.whole(3, 20)).map((name) => ({
    name,
    node: chance.happens(0.25) ? oneOf(chance, nodes) : undefined,
    issuer: chance.happens(0.25) ? oneOf(chance, issuers) : undefined,
  }))
  const mainShare = chance.oneOf([0.9, 0.6, 1 / issuers.length])
  const svids = Array.from({ length: size }, (_, index) => {
    const namespace = oneOf(chance, namespaces)
    const issuer = namespace.issuer ?? (chance.happens(mainShare) ? issuers[0] : undefined) ?? oneOf(chance, issuers)
    return new Svid({
      key: `pod-${index}/tls`,
      namespace: namespace.name,
      node: namespace.node ?? oneOf(chance, nodes),
      issuer,
      trustDomain: trustDomains[issuers.indexOf(issuer) % trustDomains.length] ?? '',
      isMuted: chance.happens(0.05),
      lifetimeMs,
      gotMs: -chance.random() * (2 / 3) * lifetimeMs,
    })
  })
  const blind = new Set(chance.happens(0.2) ? [oneOf(chance, nodes)] : [])
  const seesNodes = chance.happens(0.8)
  const fromMs = chance.between(0.05, 0.4) * lifetimeMs
  const unseen = chance.happens(0.1) ? { fromMs, toMs: fromMs + chance.between(0.05, 0.4) * lifetimeMs } : undefined
  return { svids, nodes, issuers, trustDomains, lifetimeMs, blind, seesNodes, unseen }
}

/** Returns the time in which svidwatch sees nothing of the API server, if that is now. */
export const unseenOf = ({ unseen }: Fleet, nowMs: number): Span | undefined =>
  unseen && nowMs >= unseen.fromMs && nowMs < unseen.toMs ? unseen : undefined

const names = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${index}`)

/** Draws one of several, of which there is at least one. */
export function oneOf<Item>(chance: Chance, items: readonly Item[]): Item {
  const item = items[chance.whole(0, items.length - 1)]
  if (item === undefined) throw new Error('there is nothing to draw')
  return item
}
