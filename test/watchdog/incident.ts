import { decide as decideWithAll, type Decide } from '../../src/watchdog/decide.ts'
import { defaultPolicy as policy } from '../../src/watchdog/policy.ts'
import { shuffled } from '../faults/random.ts'
import { Chance } from '../paging/chance.ts'
import { Api } from './api.ts'
import { causeNames, causes, type CauseName } from './causes.ts'
import { worldOf, type Size } from './fleet.ts'
import { Judge, type Verdict } from './judge.ts'
import { Observer, type Sight } from './observer.ts'
import { isIn, troublesOf, type Troubles } from './troubles.ts'
import { Watchers } from './watchers.ts'
import { minuteMs, type World } from './world.ts'

/** One simulated incident, and what came of it. */
export interface Outcome extends Verdict {
  readonly seed: number
  readonly cause: CauseName
  readonly pods: number
  readonly troubles: Troubles
}

/** Lets one incident happen. The same seed is the same incident. `decide` is what decides; by default, with all brakes. */
export function simulate(seed: number, decide: Decide = decideWithAll): Outcome {
  const chance = new Chance(seed)
  const cause = causeNames[seed % causeNames.length] ?? 'driver restarted'
  const world = worldOf(chance, sizeOf(chance))
  const troubles = troublesOf(chance)
  const happenings = causes[cause](world, chance).toSorted((one, other) => one.atMs - other.atMs)
  const observer = new Observer(world, sightOf(world, chance, cause, troubles))
  const judge = new Judge(world, observer, policy, troubles)
  const pods = world.pods.size
  const api = new Api(world, judge, troubles)
  const watchers = new Watchers({ world, api, observer, policy, decide }, chance, troubles)
  const lastsMs = pods > 60 ? 330 * minuteMs : 150 * minuteMs
  while (world.nowMs < lastsMs) {
    world.step()
    while ((happenings[0]?.atMs ?? Infinity) <= world.nowMs) happenings.shift()?.happens(world)
    cut(observer, world, troubles)
    observer.step()
    judge.step()
    watchers.step()
  }
  return { seed, cause, pods, troubles, ...judge.conclude() }
}

/** From one pod to the whole of a large cluster. */
function sizeOf(chance: Chance): Size {
  const drawn = chance.random()
  if (drawn < 0.2) return { nodes: 1, owners: 1, replicas: chance.oneOf([1, 10]) }
  if (drawn < 0.8) return { nodes: chance.whole(1, 6), owners: chance.whole(2, 12), replicas: 6 }
  if (drawn < 0.95) return { nodes: chance.whole(4, 20), owners: chance.whole(10, 40), replicas: 8 }
  return { nodes: chance.whole(6, 20), owners: chance.whole(4, 10), replicas: 100 }
}

/**
 * A node lies about the pods of others, or about its own ones whose servers are probed. Nobody could tell that it lies about others of its
 * own.
 */
function sightOf(world: World, chance: Chance, cause: CauseName, { delayMs }: Troubles): Sight {
  const [node] = world.nodes
  const isOfOwn = chance.happens(0.5)
  const pods = shuffled([...world.pods.values()], chance.random).filter((pod) =>
    isOfOwn ? pod.node === node && pod.owner.isProbed : pod.node !== node,
  )
  return {
    delayMs: () => chance.between(0, delayMs),
    liesOf: cause === 'node lies' && node ? { node, pods, fromMs: 10 * minuteMs } : undefined,
  }
}

/** Cuts what the API and nodes tell while they are down or out of sight. */
function cut(observer: Observer, { nowMs }: World, { apiOutage, blindness }: Troubles): void {
  observer.api.isCut = isIn(apiOutage, nowMs)
  for (const [i, channel] of [...observer.nodes.values()].entries())
    channel.isCut = i % 3 === 0 && isIn(blindness, nowMs)
}
