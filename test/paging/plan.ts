import { Chance } from './chance.ts'
import { conditions, type Condition } from './conditions.ts'
import { suits, type FleetSpec } from './fleet.ts'
import { lifetimes, minuteMs, type LifetimeName } from './scenes.ts'

export interface PlanOptions {
  readonly seed: number
  /** Times the number of workloads that make 1,000 windows of each case. */
  readonly scale: number
}

/** How many workloads of each case a fleet has, by the interval of scrapes in s: what is scraped less often costs less. */
const sizes = [
  [15, 7],
  [30, 12],
  [60, 18],
] as const
const names = Object.keys(lifetimes) as LifetimeName[]

/** What the fleets with several conditions at once are told under. */
export const mixed = 'several at once'

/** Fleets of all lifetimes and intervals under each condition, and some under several. What else they are like is drawn by chance. */
export function planOf({ seed, scale }: PlanOptions): readonly FleetSpec[] {
  const chance = new Chance(seed)
  const single = conditions.flatMap((condition, index) =>
    shapes(condition.needs === 'an hour' ? 4 : 1, index + seed)
      .filter(({ lifetime }) => suits(condition, lifetime))
      .map((shape, number) => ({
        ...shape,
        knows: knownBy(index + seed, number),
        conditions: [condition],
        told: condition.name,
      })),
  )
  const several = shapes(1, seed).map((shape, number) => ({
    ...shape,
    knows: knownBy(seed, number),
    conditions: drawn(shape.lifetime, chance),
    told: mixed,
  }))
  return [...single, ...several].map((spec) => ({
    ...spec,
    plan: seed,
    seed: chance.whole(1, 1_000_000_000),
    workloadsPerCase: Math.max(1, Math.round(spec.workloadsPerCase * scale)),
  }))
}

/** In turn, for each of the two intervals of a lifetime. */
const knownBy = (turn: number, number: number): FleetSpec['knows'] =>
  (turn + number + (number >> 1)) % 2 === 0 ? 'mounted' : 'issued'

/** Two of the intervals for each lifetime, in turn; lifetimes under 10 minutes are for intervals of 15 s only. */
function shapes(
  times: number,
  turn: number,
): readonly Pick<FleetSpec, 'lifetime' | 'intervalMs' | 'workloadsPerCase'>[] {
  return names.flatMap((lifetime, index) => {
    const isShort = lifetimes[lifetime] < 10 * minuteMs
    const chosen = sizes.filter((_, place) => (isShort ? place === 0 : place !== (turn + index) % sizes.length))
    const shape = ([seconds, workloadsPerCase]: (typeof sizes)[number]) => ({
      lifetime,
      intervalMs: seconds * 1000,
      workloadsPerCase,
    })
    return Array.from({ length: times }, () => chosen.map(shape)).flat()
  })
}

/** Two or three conditions that can be at once. */
function drawn(lifetime: LifetimeName, chance: Chance): readonly Condition[] {
  const possible = conditions.filter((one) => one.needs !== 'an hour' && one.name !== 'nothing' && suits(one, lifetime))
  return possible
    .map((condition) => ({ condition, place: chance.random() }))
    .sort((one, other) => one.place - other.place)
    .slice(0, chance.whole(2, 3))
    .map(({ condition }) => condition)
}
