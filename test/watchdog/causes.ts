import { shuffled } from '../faults/random.ts'
import type { Chance } from '../paging/chance.ts'
import { minuteMs, type Node, type Owner, type Pod, type World } from './world.ts'

/** A change of the world at a time. */
export interface Happening {
  readonly atMs: number
  readonly happens: (world: World) => void
}

export type Cause = (world: World, chance: Chance) => readonly Happening[]

const some = <Item>(items: readonly Item[], chance: Chance): readonly Item[] => {
  const count = Math.max(1, Math.round(items.length * chance.random() ** 2))
  return shuffled(items, chance.random).slice(0, chance.happens(0.15) ? items.length : count)
}

const startMs = (chance: Chance): number => chance.between(5 * minuteMs, 30 * minuteMs)

const touchableOf = ({ owners }: World): readonly Owner[] => owners.filter(({ untouchable }) => untouchable === '')

const runningOn = ({ running }: World, nodes: readonly Node[]): readonly Pod[] =>
  running.filter(({ node }) => nodes.includes(node))

const restartDriver = (nodes: readonly Node[]) => (world: World) => {
  for (const pod of runningOn(world, nodes)) pod.hasDeadMount = true
}

const restartDrivers: Cause = (world, chance) => [
  { atMs: startMs(chance), happens: restartDriver(some(world.nodes, chance)) },
]

/** The issuer is down for a while, and says so or not. */
function outage(
  world: World,
  chance: Chance,
  atMs: number,
  lastsMs: number,
  claimsReady: boolean,
): readonly Happening[] {
  const issuer = world.issuers[chance.whole(0, world.issuers.length - 1)]
  if (issuer === undefined) return []
  return [
    { atMs, happens: () => Object.assign(issuer, { works: false, claimsReady }) },
    { atMs: atMs + lastsMs, happens: () => Object.assign(issuer, { works: true, claimsReady: true }) },
  ]
}

const neverReload: Cause = (world, chance) => {
  const owners = some(touchableOf(world), chance)
  return [{ atMs: startMs(chance), happens: () => owners.forEach((owner) => (owner.reloads = false)) }]
}

/** Every cause, by its name in the table. */
export const causes = {
  'driver restarted': restartDrivers,

  'driver restarted while the issuer was down': (world, chance) => {
    const atMs = startMs(chance)
    const nodes = some(world.nodes, chance)
    const detach = (there: World): void => {
      for (const pod of runningOn(there, nodes)) pod.detachedMs = there.nowMs
    }
    return [
      ...outage(world, chance, atMs, chance.between(5, 40) * minuteMs, false),
      { atMs: atMs + 2 * minuteMs, happens: detach },
    ]
  },

  'servers that never reload': neverReload,

  'one volume forgotten': (world, chance) => {
    const atMs = startMs(chance)
    return [
      {
        atMs,
        happens: () =>
          shuffled(world.running, chance.random)
            .slice(0, 1)
            .forEach((pod) => (pod.isForgotten = true)),
      },
    ]
  },

  'issuer down': (world, chance) => [
    ...outage(world, chance, startMs(chance), chance.between(10, 90) * minuteMs, chance.happens(0.5)),
    ...(chance.happens(0.7) ? restartDrivers(world, chance) : []),
  ],

  'driver broken': (world, chance) => {
    const nodes = some(world.nodes, chance)
    const breakDown = (): void =>
      nodes.forEach((node) => Object.assign(node, { isDriverBroken: true, isAgentReady: chance.happens(0.5) }))
    return [{ atMs: startMs(chance), happens: breakDown }]
  },

  'requests denied': (world, chance) => {
    const owners = some(touchableOf(world), chance)
    return [{ atMs: startMs(chance), happens: () => owners.forEach((owner) => (owner.isDenied = true)) }]
  },

  'certificates flapping': (world, chance) => {
    const owners = some(touchableOf(world), chance)
    const flap = (): void =>
      owners.forEach((owner) => Object.assign(owner, { isFlapping: true, reloads: chance.happens(0.5) }))
    return [{ atMs: startMs(chance), happens: flap }, ...(chance.happens(0.5) ? restartDrivers(world, chance) : [])]
  },

  'issuer lies': (world, chance) => {
    const atMs = startMs(chance)
    const issuer = world.issuers[0]
    const lie = (): void => {
      if (issuer) Object.assign(issuer, chance.happens(0.5) ? { works: false } : { signsExpired: true })
    }
    return [{ atMs, happens: lie }, ...restartDrivers(world, chance)]
  },

  'node lies': () => [],

  'new pods do not start': (world, chance) => {
    const owners = some(touchableOf(world), chance)
    return [
      { atMs: 0, happens: () => owners.forEach((owner) => (owner.startsNoMore = true)) },
      ...restartDrivers(world, chance),
    ]
  },

  'new authority not trusted': (world, chance) => [
    { atMs: startMs(chance), happens: () => (world.isTrustBroken = true) },
    ...restartDrivers(world, chance),
  ],

  'two drivers and servers': (world, chance) => [...restartDrivers(world, chance), ...neverReload(world, chance)],
} as const satisfies Readonly<Record<string, Cause>>

export type CauseName = keyof typeof causes
export const causeNames = Object.keys(causes) as readonly CauseName[]
