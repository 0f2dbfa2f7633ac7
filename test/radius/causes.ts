import type { Chance } from '../paging/chance.ts'
import { oneOf, type Fleet } from './fleet.ts'
import type { Svid } from './svid.ts'

/** What a cause truly is. `singles` are failures that have nothing in common. */
export type Scope = 'node' | 'issuer' | 'trust_domain' | 'everything' | 'singles'

/** How the SVIDs of a cause fail. */
export type Failure = 'unasked' | 'unanswered' | 'detached' | 'refused when new' | 'refused when old'

/** One known cause. Times are ms since the beginning. */
export interface Cause {
  readonly what: string
  readonly scope: Scope
  /** The node, issuer or trust domain; '' for everything and singles. */
  readonly name: string
  readonly failure: Failure
  readonly toMs: number
  /** When an SVID is in the scope of the cause, from when on; undefined if it never is. */
  readonly fromMsOf: (svid: Svid) => number | undefined
  readonly beganMs: number
}

interface Kind {
  readonly what: string
  readonly scope: Scope
  readonly failures: readonly [Failure, ...Failure[]]
}

const kinds: readonly Kind[] = [
  { what: "a node's driver", scope: 'node', failures: ['unasked'] },
  { what: "a node's mounts", scope: 'node', failures: ['detached'] },
  { what: "a node's bundle", scope: 'node', failures: ['refused when new', 'refused when old'] },
  { what: 'an issuer', scope: 'issuer', failures: ['unanswered'] },
  { what: "an issuer's CA", scope: 'issuer', failures: ['refused when new', 'refused when old'] },
  { what: "a trust domain's CA", scope: 'trust_domain', failures: ['refused when new', 'refused when old'] },
  { what: 'the driver everywhere', scope: 'everything', failures: ['unasked'] },
  { what: 'the mounts of a rollout', scope: 'everything', failures: ['detached'] },
]

/** Draws one or two causes, and unrelated failures beside them. */
export function causesOf(chance: Chance, fleet: Fleet): readonly Cause[] {
  const first = draw(chance, fleet, 0.05)
  const second = chance.happens(0.35) ? draw(chance, fleet, chance.between(0.05, 0.25)) : undefined
  const isOther = second && (second.scope !== first.scope || second.name !== first.name)
  return [first, ...(isOther ? [second] : []), ...singlesOf(chance, fleet, chance.oneOf([0, 0, 1, 2, 3]))]
}

/** No cause at all but failures that have nothing in common. */
export const unrelatedOf = (chance: Chance, fleet: Fleet): readonly Cause[] =>
  singlesOf(chance, fleet, chance.whole(2, 8))

/**
 * Draws failures of single SVIDs. Two of one issuer that wait at the same time would look like an issuer that is down, and three of one
 * node that nobody asks for like its driver.
 */
function singlesOf(chance: Chance, fleet: Fleet, count: number): readonly Cause[] {
  const waiting = new Set<string>()
  const unasked: string[] = []
  return Array.from({ length: count }).flatMap(() => {
    const svid = oneOf(chance, fleet.svids)
    const failures: Failure[] = (['detached', 'refused when new'] as const).filter((failure) =>
      isVisible(failure, fleet),
    )
    if (unasked.filter((node) => node === svid.of.node).length < 2) failures.push('unasked')
    if (!waiting.has(svid.of.issuer)) failures.push('unanswered')
    if (failures.length === 0) return []
    const failure = oneOf(chance, failures)
    if (failure === 'unasked') unasked.push(svid.of.node)
    if (failure === 'unanswered') waiting.add(svid.of.issuer)
    return [single(chance, fleet, svid, failure)]
  })
}

function draw(chance: Chance, fleet: Fleet, fromShare: number): Cause {
  const { what, scope, failures } = oneOf(
    chance,
    kinds.filter(({ failures: [failure] }) => isVisible(failure, fleet)),
  )
  const { lifetimeMs } = fleet
  const beganMs = fromShare * lifetimeMs
  const lastsMs = chance.happens(0.6) ? Infinity : chance.between(0.3, 0.5) * lifetimeMs
  const name = nameOf(chance, fleet, scope)
  const failure = oneOf(chance, failures)
  // An issuer that signs with another CA does so for all at once. What reaches nodes reaches one after the other.
  const spreadsMs = failure === 'refused when new' ? 0 : (scope === 'everything' ? 2 : 1) * 60_000
  const spread = new Map(fleet.nodes.map((node) => [node, chance.between(0, spreadsMs)]))
  return {
    ...{ what, scope, name, failure, beganMs, toMs: beganMs + lastsMs },
    fromMsOf: (svid) => (isIn(scope, name, svid) ? beganMs + (spread.get(svid.of.node) ?? 0) : undefined),
  }
}

/** Whether svidwatch can see such failures at all: what is mounted is seen by node roles alone. */
const isVisible = (failure: Failure, { seesNodes }: Fleet): boolean =>
  seesNodes || failure === 'unasked' || failure === 'unanswered'

/** The failure of one SVID alone. */
function single(chance: Chance, fleet: Fleet, svid: Svid, failure: Failure): Cause {
  const beganMs = chance.between(-0.2, 0.5) * fleet.lifetimeMs
  return {
    ...{ what: 'a single SVID', scope: 'singles', name: '', failure, beganMs, toMs: Infinity },
    fromMsOf: (other) => (other === svid ? beganMs : undefined),
  }
}

function nameOf(chance: Chance, { nodes, issuers, trustDomains, svids }: Fleet, scope: Scope): string {
  if (scope === 'everything' || scope === 'singles') return ''
  const names = { node: nodes, issuer: issuers, trust_domain: trustDomains }[scope]
  return oneOf(
    chance,
    names.filter((name) => svids.some((svid) => isIn(scope, name, svid))),
  )
}

/** Reports whether an SVID belongs to a node, an issuer, a trust domain, or everything. */
export function isIn(scope: Scope, name: string, { of }: Svid): boolean {
  if (scope === 'node') return of.node === name
  if (scope === 'issuer') return of.issuer === name
  return scope === 'everything' || (scope === 'trust_domain' && of.trustDomain === name)
}
