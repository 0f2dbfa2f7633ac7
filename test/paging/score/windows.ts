import { thresholds } from '../../../src/diagnosis/thresholds.ts'
import type { FleetRun } from '../fleet.ts'
import { minuteMs } from '../scenes.ts'
import { probeMs } from '../prometheus/svidwatchProcess.ts'
import type { Restart } from '../watch.ts'
import { reloadGraceMs } from '../world/driver.ts'
import { outcomeOf, type Life, type Outcome } from '../world/lives.ts'

/** One renewal of one workload, from when it falls due until it is clear what became of it: what a page is judged by. */
export interface Window {
  readonly run: FleetRun
  readonly life: Life
  readonly outcome: Outcome
  /** The largest share of the safe time that could be left at a page, with all that was dark: the rules wait until the renewal counts as missed. */
  readonly possibleShare: number
  /** Nothing tells of the SVID: its file is not watched, and its request went while svidwatch was away, long after it could know. */
  readonly isUnknowable: boolean
}

/** A process that has begun has listed all there is so much later, at most. */
const loadingMs = 5000

/** So long before a renewal is due, by svidwatch's clock, its SVID is remembered over a restart. */
const rememberedMs = 2 * minuteMs

/** How long a renewal takes, at most, where all is well. */
const renewsMs = 5000

/** The renewals that fall due, and whose end is seen, in the scenes of a fleet. */
export function windowsOf(run: FleetRun): readonly Window[] {
  const { scenes } = run.play
  const fromMs = (scenes[0]?.fromMs ?? 0) + minuteMs
  const toMs = (scenes.at(-1)?.toMs ?? 0) - minuteMs
  return run.lives
    .filter(
      ({ dueMs, expiryMs, renewedMs, endedMs }) => dueMs >= fromMs && Math.min(renewedMs, endedMs, expiryMs) <= toMs,
    )
    .map((life) => ({
      run,
      life,
      outcome: outcomeOf(life),
      possibleShare: possibleShareOf(run, life),
      isUnknowable: isKnownByRequest(run, life) && run.restarts.some((restart) => loses(restart, life, run)),
    }))
}

/** Whether only the request tells of the SVID, because its file is not watched, or cannot be read. */
const isKnownByRequest = ({ spec }: FleetRun, { workload }: Life): boolean =>
  spec.knows === 'issued' || workload.stuck !== undefined

const loses = ({ endedMs, beganMs }: Restart, life: Life, { svidwatchSkewMs }: FleetRun): boolean =>
  life.requestGoneMs > endedMs &&
  life.requestGoneMs < beganMs + loadingMs &&
  life.dueMs > endedMs + svidwatchSkewMs + rememberedMs

/** A sample is scraped, and rules are evaluated, an interval later each, at worst. */
function possibleShareOf(run: FleetRun, life: Life): number {
  const { spec, dark } = run
  const { workload, dueMs, expiryMs } = life
  const covers = new Set(['targets', 'beginning', ...(isKnownByRequest(run, life) ? ['api'] : [])])
  const isServed = workload.copies.reloadsAfterMs === Infinity
  if (workload.kind === 'stale mount' || isServed) covers.add(workload.node.name)
  const missedMs = dueMs + (expiryMs - dueMs) * thresholds.missedShare
  // Also a new process has to probe before it knows what a server presents.
  const probedMs = isServed ? probeMs : 0
  let lightMs = (isServed ? Math.max(missedMs, dueMs + renewsMs + reloadGraceMs(run.play)) : missedMs) + probedMs
  for (const { of, fromMs, toMs } of dark.toSorted((one, other) => one.fromMs - other.fromMs))
    if (covers.has(of) && fromMs <= lightMs + 2 * spec.intervalMs && toMs > lightMs) lightMs = toMs + probedMs
  return (expiryMs - lightMs - 2 * spec.intervalMs) / (expiryMs - dueMs)
}
