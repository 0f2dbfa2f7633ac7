import { clockDelayMs, type FleetRun } from '../fleet.ts'
import { judgeMs } from '../prometheus/svidwatchProcess.ts'
import type { Judged } from './tally.ts'
import type { Window } from './windows.ts'

/** A missed renewal of the workload of a pod, for as long as one process of svidwatch has said so. Times are true. */
export interface Diagnosed {
  readonly pod: string
  readonly fromMs: number
  toMs: number
}

/**
 * Whether svidwatch's diagnosis and the alerts agree about one window: `agree`, both or neither; `short`, the diagnosis ended before
 * Prometheus could scrape and evaluate it; `dark`, svidwatch could not be scraped meanwhile; `differ`, nothing explains it.
 */
export type Agreement = 'agree' | 'short' | 'dark' | 'differ'

/** Compares what svidwatch has said of a window with the page for it. */
export function agreementOf({ window, page }: Judged): Agreement {
  const { run } = window
  const said = saidOf(window)
  const firstMs = Math.min(...said.map(({ fromMs }) => fromMs))
  const slackMs = slackOf(run)
  if (page === undefined) {
    if (said.length === 0) return 'agree'
    if (said.every(({ fromMs, toMs }) => toMs - fromMs <= slackMs)) return 'short'
    return isDark(run, firstMs, Math.max(...said.map(({ toMs }) => toMs))) ? 'dark' : 'differ'
  }
  if (page.atMs >= firstMs && page.atMs <= firstMs + slackMs) return 'agree'
  return isDark(run, firstMs, page.atMs) ? 'dark' : 'differ'
}

/** What was said of the workload while it had that SVID, as far as Prometheus looked. */
function saidOf({ life, run }: Window): readonly Diagnosed[] {
  const endMs = Math.min(life.renewedMs, life.endedMs) + judgeMs
  return run.play.scenes.flatMap((scene) =>
    run.diagnosed
      .filter(({ pod }) => pod === life.workload.pod)
      .map(({ pod, fromMs, toMs }) => ({
        pod,
        fromMs: Math.max(fromMs, scene.fromMs),
        toMs: Math.min(toMs, scene.toMs),
      }))
      .filter(({ fromMs, toMs }) => fromMs < toMs && fromMs >= life.dueMs && fromMs <= endMs),
  )
}

/** A scrape, an evaluation and a judgement take their time; and a problem that begins later by the clock of Prometheus waits for it. */
const slackOf = (run: FleetRun): number => 2 * run.spec.intervalMs + judgeMs + clockDelayMs(run)

const isDark = ({ dark, spec }: FleetRun, fromMs: number, toMs: number): boolean =>
  dark.some(
    (one) =>
      (one.of === 'targets' || one.of === 'beginning') &&
      one.fromMs <= toMs &&
      one.toMs >= fromMs - 2 * spec.intervalMs,
  )
