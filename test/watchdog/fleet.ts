import type { Chance } from '../paging/chance.ts'
import { minuteMs, secondMs, World, type Issuer, type Node, type Owner } from './world.ts'

/** How large a world is, and what its owners are like. */
export interface Size {
  readonly nodes: number
  readonly owners: number
  /** The most pods of an owner. */
  readonly replicas: number
}

const skewMs = 2 * minuteMs

/** Returns a world in which all is well. Beside the owners that may be restarted, there are some that nobody may touch. */
export function worldOf(chance: Chance, size: Size): World {
  const issuers = Array.from({ length: chance.whole(1, 2) }, (_, i) => issuerOf(chance, i))
  const nodes = Array.from({ length: size.nodes }, (_, i) => nodeOf(chance, i))
  const owners = Array.from({ length: size.owners }, (_, i) => ownerOf(chance, issuers, i, size.replicas))
  const untouchable = (['own', 'agent', 'job', 'alone', ''] as const).map((what, i) => ({
    ...ownerOf(chance, issuers, size.owners + i, 2),
    ...(what === '' ? { label: 'never', isAllowedNamespace: true } : { untouchable: what }),
    ...(what === 'job' && { kind: 'Job' }),
  }))
  return new World(chance, issuers, nodes, [...owners, ...untouchable])
}

const issuerOf = (chance: Chance, i: number): Issuer => ({
  name: `ClusterIssuer/issuer-${i}`,
  skewMs: chance.between(-skewMs / 2, skewMs / 2),
  works: true,
  claimsReady: true,
  signsExpired: false,
  issuedMs: [],
})

const nodeOf = (chance: Chance, i: number): Node => ({
  name: `node-${i}`,
  skewMs: chance.between(-skewMs / 2, skewMs / 2),
  isDriverBroken: false,
  isAgentReady: true,
})

function ownerOf(chance: Chance, issuers: readonly Issuer[], i: number, most: number): Owner {
  const namespace = `team-${chance.whole(0, 4)}`
  const replicas = chance.happens(0.3) ? 1 : chance.whole(1, most)
  const issuer = issuers[chance.whole(0, issuers.length - 1)]
  if (issuer === undefined) throw new Error('a world needs an issuer')
  const isNotAllowed = chance.happens(0.15)
  return {
    ...{ key: `${namespace}/Deployment/app-${i}`, namespace, kind: 'ReplicaSet', issuer, replicas },
    mayBeAway: chance.happens(0.3) ? Math.max(1, Math.floor(replicas / 3)) : undefined,
    isPinned: chance.happens(0.2),
    startsMs: chance.between(15 * secondMs, 90 * secondMs),
    label: chance.happens(0.5) && !isNotAllowed ? 'allowed' : '',
    isAllowedNamespace: !isNotAllowed,
    isProbed: chance.happens(0.5),
    untouchable: '',
    ...{ reloads: true, startsNoMore: false, isDenied: false, isFlapping: false },
  }
}
