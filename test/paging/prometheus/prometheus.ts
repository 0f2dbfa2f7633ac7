import type { Scene } from '../scenes.ts'
import type { World } from '../world/world.ts'
import { readSamples, type Column } from './samples.ts'
import type { SvidwatchProcess } from './svidwatchProcess.ts'
import { TargetSeries } from './targetSeries.ts'

/** Within an interval there are so many moments at which a target may be scraped, before rules are evaluated again. */
export const phases = 3

/**
 * How many intervals after the first scrape that it misses the series of a removed target end: Prometheus waits for a second one, in
 * case the target comes back, and a tenth of an interval more.
 */
export const endsAfterIntervals = 1.1

/** One address of svidwatch that Prometheus knows. */
export interface Target {
  readonly instance: string
  /** At which moment of the interval it is scraped. */
  readonly phase: number
  /** Undefined: nobody is there, and a scrape fails. */
  process: SvidwatchProcess | undefined
  /** Scrapes fail on their way, or Prometheus makes none, for whatever reason. */
  reached: 'yes' | 'no' | 'never asked'
  /** It is no longer a target since then. */
  removedMs: number
}

/** What was scraped in one scene. */
export interface TimeLine {
  readonly scene: Scene
  readonly intervalMs: number
  readonly columns: ReadonlyMap<string, Column>
}

export interface PrometheusOptions {
  readonly world: World
  readonly targets: readonly Target[]
  readonly intervalMs: number
  readonly isWanted: (family: string) => boolean
}

/** Scrapes as Prometheus does, and marks what has ended as it does. */
export class Prometheus {
  readonly #options: PrometheusOptions

  constructor(options: PrometheusOptions) {
    this.#options = options
  }

  /** Lets the world go on to the end of the scene, and scrapes it meanwhile. */
  async watch(scene: Scene): Promise<TimeLine> {
    const { world, targets, intervalMs } = this.#options
    const columns = new Map<string, Column>()
    const known = new Map<Target, TargetSeries>()
    const missed = new Map<Target, number>()
    const steps = Math.floor((scene.toMs - scene.fromMs) / intervalMs) * phases
    for (let step = 0; step < steps; step += 1) {
      const atMs = scene.fromMs + (step * intervalMs) / phases
      await world.agenda.runUntil(atMs)
      for (const target of [...targets]) {
        const series = known.get(target) ?? new TargetSeries(columns, labelsOf(target))
        known.set(target, series)
        if (target.phase === step % phases && target.reached !== 'never asked') {
          if (atMs < target.removedMs) await this.#scrape(target, series, step)
          else if (!missed.has(target)) missed.set(target, step)
        }
        if (step >= (missed.get(target) ?? Infinity) + endsAfterIntervals * phases) ended(series, step)
      }
    }
    await world.agenda.runUntil(scene.toMs)
    return { scene, intervalMs, columns }
  }

  async #scrape({ process: there, reached }: Target, series: TargetSeries, step: number): Promise<void> {
    const process = reached === 'yes' ? there : undefined
    series.begin()
    series.put('up', step, process ? 1 : 0)
    if (process)
      readSamples(await process.scrape(), this.#options.isWanted, (name, value) => series.put(name, step, value))
    series.end(step)
  }
}

/** What a target leaves that is one no more ends, `up` too. */
function ended(series: TargetSeries, step: number): void {
  series.begin()
  series.end(step)
}

const labelsOf = ({ instance }: Target): string => `instance="${instance}",job="svidwatch"`
