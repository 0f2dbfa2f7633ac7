import type { FleetRun } from '../fleet.ts'
import type { Firing } from '../prometheus/promtool.ts'
import { minuteMs } from '../scenes.ts'

/** The pages of svidwatch itself in one fleet. */
export interface JudgedSelf {
  readonly right: number
  readonly wrong: readonly Firing[]
  /** How often it was gone or blind for so long that it should have said so, and did not. */
  readonly missed: number
}

/** By alert: what has to be dark, and for how long. */
const contracts = [
  { alert: 'SvidwatchDown', of: 'targets', atLeastMs: 5 * minuteMs },
  { alert: 'SvidwatchBlind', of: 'api', atLeastMs: 15 * minuteMs },
] as const

export function selfOf({ dark, spec }: FleetRun, firings: readonly Firing[]): JudgedSelf {
  // What was there last is known as of the scrape before.
  const scrapesMs = 2 * spec.intervalMs
  const known = contracts.map(({ alert, of, atLeastMs }) => {
    const pages = firings.filter(({ labels }) => labels.alertname === alert)
    const long = dark.filter((one) => one.of === of && one.toMs - one.fromMs >= atLeastMs)
    const isRight = ({ atMs }: Firing) =>
      long.some(({ fromMs, toMs }) => atMs >= fromMs + atLeastMs - scrapesMs && atMs <= toMs + scrapesMs)
    const due = long.filter(({ fromMs, toMs }) => toMs - fromMs > atLeastMs + scrapesMs)
    const missed = due.filter(
      ({ fromMs, toMs }) => !pages.some(({ atMs }) => atMs >= fromMs && atMs <= toMs + minuteMs),
    )
    return { right: pages.filter(isRight).length, wrong: pages.filter((page) => !isRight(page)), missed: missed.length }
  })
  const others = firings.filter(({ labels }) => !contracts.some(({ alert }) => alert === labels.alertname))
  return {
    right: known.reduce((sum, { right }) => sum + right, 0),
    wrong: [...others, ...known.flatMap(({ wrong }) => wrong)],
    missed: known.reduce((sum, { missed }) => sum + missed, 0),
  }
}
