import { Chance } from '../paging/chance.ts'
import { Agenda } from '../paging/world/agenda.ts'
import { Fleet } from './fleet.ts'
import type { Order } from './orders.ts'
import { lookMs, Referee } from './referee.ts'
import { Sight } from './sight.ts'
import { Svidwatch } from './svidwatch.ts'

/** One fleet that lives through one order. */
export interface RunOptions {
  readonly seed: number
  readonly workloads: number
}

/** What was true, what svidwatch said, and what was wrong about that; nothing if it is empty. Times are ms since the beginning. */
export interface Outcome extends RunOptions {
  readonly order: Order
  /** When pairs failed for the first time and for the last time; undefined if none did. */
  readonly broken: Interval | undefined
  /** When that was told. */
  readonly told: Interval | undefined
  /** The reasons, one after the other. */
  readonly reasons: readonly string[]
  readonly maxPairs: number
  readonly wrong: readonly string[]
}

interface Interval {
  readonly fromMs: number
  readonly toMs: number
}

const minuteMs = 60_000
/** How often svidwatch judges, ms. */
const judgeMs = 5_000
/** A reason that is told for less than this while the bundles arrive is not one of the order. */
const passingMs = 1.5 * minuteMs

/** Lets a fleet live through an order, and compares what svidwatch says with what is true. */
export async function runOrder(order: Order, options: RunOptions): Promise<Outcome> {
  const { seed, workloads } = options
  const beganMs = Date.UTC(2026, 0, 1)
  const agenda = new Agenda(beganMs)
  const fleet = new Fleet({ agenda, chance: new Chance(seed), workloads })
  const sight = new Sight(fleet)
  const svidwatch = new Svidwatch(fleet, sight)
  const referee = new Referee(fleet, sight)
  order.play({ fleet, svidwatch, at: (minute, step) => agenda.at(beganMs + minute * minuteMs, step) })
  for (let passedMs = 0; passedMs <= order.minutes * minuteMs; passedMs += judgeMs) {
    await agenda.runUntil(beganMs + passedMs)
    const problems = await svidwatch.judge()
    if (passedMs % lookMs === 0) referee.look(problems)
  }
  const reasons = lasting(referee.told).filter((reason, index, all) => reason !== all[index - 1])
  const since = (spans: readonly Interval[]): Interval | undefined =>
    spans.length === 0
      ? undefined
      : { fromMs: (spans[0]?.fromMs ?? 0) - beganMs, toMs: (spans.at(-1)?.toMs ?? 0) - beganMs }
  const wrong = [...referee.wrong, ...unlike(order, referee, reasons)]
  const [broken, told] = [since(referee.broken), since(referee.told)]
  return { order, ...options, broken, told, reasons, maxPairs: referee.maxPairs, wrong }
}

const lasting = (told: Referee['told']): readonly string[] =>
  told.filter(({ fromMs, toMs }) => toMs - fromMs >= passingMs).map(({ reason }) => reason)

/** Returns in what an order differs from what it was expected to bring about. */
function unlike(
  { reasons, skew, named = [] }: Order,
  found: Pick<Referee, 'broken' | 'told' | 'skewReasons' | 'named'>,
  told: readonly string[],
): readonly string[] {
  const differ = (what: string, expected: readonly string[], said: Iterable<string>): readonly string[] => {
    const text = [...said].join(' ')
    return text === expected.join(' ') ? [] : [`${what}: ${text || 'none'} instead of ${expected.join(' ') || 'none'}`]
  }
  const isWhole = reasons.length === 0
  return [
    ...differ('reasons', reasons, told),
    ...differ(
      'skew',
      skew,
      skew.filter((reason) => found.skewReasons.has(reason)),
    ),
    ...differ('named', named, isWhole ? found.named : []),
    ...(isWhole && found.told.length > 0 ? ['told, for a moment'] : []),
    ...(isWhole === found.broken.length > 0 ? ['the simulated fleet is not what the order says'] : []),
  ]
}
