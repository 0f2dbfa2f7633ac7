import { measureColdStart } from './coldStart.ts'
import { measureEvents } from './events.ts'
import { measureJudging } from './judging.ts'
import type { Measure } from './measurement.ts'
import { measureMemory } from './memory.ts'
import { measureNodeRole } from './nodeRole.ts'
import { measureScrape } from './scrape.ts'
import { measureTurns } from './turns.ts'

export interface Measurement {
  readonly measure: Measure
  /** The one size that it is made for; without it, each of the run's. */
  readonly size?: number
  /** Of the run's sizes, only the largest tells anything. */
  readonly largestOnly?: boolean
}

/** What `--only` and `--profile` name. */
export const measurements: Readonly<Record<string, Measurement>> = {
  scrape: { measure: measureScrape },
  judging: { measure: measureJudging },
  memory: { measure: measureMemory },
  'cold-start': { measure: measureColdStart },
  events: { measure: measureEvents },
  turns: { measure: measureTurns, largestOnly: true },
  /** As many pods as a node has at most, unless it is told otherwise. */
  'node-role': { measure: measureNodeRole, size: 110 },
}
