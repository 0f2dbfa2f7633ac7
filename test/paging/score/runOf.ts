import { conditions } from '../conditions.ts'
import type { FleetRun } from '../fleet.ts'
import type { Stage } from '../world/stage.ts'

/** How often the fleets of tests are scraped, and their rules evaluated, ms. */
const intervalMs = 15_000

/** Returns the fleet on a stage, of SVIDs of an hour, with what is particular about it; all else is well. */
export function runOf({ play, lives, issuers, faults }: Stage, particular: Partial<FleetRun>): FleetRun {
  return {
    spec: {
      seed: 1,
      lifetime: '1 h',
      intervalMs,
      knows: 'mounted',
      conditions: conditions.slice(0, 1),
      plan: 1,
      told: 'nothing',
      workloadsPerCase: 1,
    },
    play,
    lives: lives.all,
    issuers,
    faults: faults.all,
    dark: [],
    restarts: [],
    removedMs: [],
    diagnosed: [],
    lines: [],
    svidwatchSkewMs: 0,
    prometheusSkewMs: 0,
    ...particular,
  }
}
