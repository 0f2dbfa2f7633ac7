import { clockDelayMs, type FleetRun } from '../fleet.ts'
import type { Firing } from '../prometheus/promtool.ts'
import type { Issuer } from '../world/issuer.ts'
import { groupWaitMs } from './route.ts'
import type { Judged } from './tally.ts'

/** One issuer under the shipped rules. */
export interface JudgedIssuer {
  readonly issuer: Issuer
  /** When its pages began. */
  readonly pagesMs: readonly number[]
  /**
   * `one page`: it is down for good, and its page came in time to be the only one, but for that of the first workload: a single
   * one says little of its issuer. `many pages`: those of more came first, or alone. `silent`: it is well, or soon was, or one
   * workload at most has a page. `false`: a page of an issuer that was not down, and had issued something
   * since the newest renewal was due that waits. `unclear`: it had not, or the API could not be seen, so that nobody could tell.
   */
  readonly verdict: 'one page' | 'many pages' | 'silent' | 'false' | 'unclear'
}

export function issuersOf(
  run: FleetRun,
  judged: readonly Judged[],
  firings: readonly Firing[],
): readonly JudgedIssuer[] {
  const lateMs = 2 * run.spec.intervalMs + clockDelayMs(run)
  return run.issuers.map((issuer) => {
    const pagesMs = firings.filter(({ labels }) => labels.issuer === issuer.name).map(({ atMs }) => atMs)
    const down = issuer.down ?? issuer.approverDown
    const wrong = pagesMs.filter(
      (atMs) => !down || atMs < down.fromMs || (atMs > down.toMs + lateMs && !goesOn(run, atMs)),
    )
    if (wrong.length > 0) {
      const isProven = wrong.some((atMs) => hasProven(run, issuer, atMs))
      return { issuer, pagesMs, verdict: isProven ? 'false' : 'unclear' }
    }
    const named = judged
      .filter(({ window }) => window.life.workload.issuer === issuer)
      .flatMap(({ page }) => page?.atMs ?? [])
    const secondMs = named.toSorted((one, other) => one - other)[1]
    if (down?.toMs !== Infinity || secondMs === undefined) return { issuer, pagesMs, verdict: 'silent' }
    if (isDark(run, secondMs)) return { issuer, pagesMs, verdict: 'unclear' }
    return {
      issuer,
      pagesMs,
      verdict: Math.min(...pagesMs) <= secondMs + groupWaitMs ? 'one page' : 'many pages',
    }
  })
}

/** Whether a page that a scene begins with may have begun before the scene. */
const goesOn = ({ play, spec }: FleetRun, atMs: number): boolean =>
  play.scenes.some(
    ({ fromMs }) => fromMs > (play.scenes[0]?.fromMs ?? 0) && atMs >= fromMs && atMs <= fromMs + 2 * spec.intervalMs,
  )

/** Whoever waits for so long is not just being answered. */
const answerMs = 20_000

/** It had issued something, long enough before the page for rules to know, since the newest of the renewals that wait was due. */
function hasProven({ lives, spec }: FleetRun, issuer: Issuer, atMs: number): boolean {
  const waiting = lives.filter(
    ({ workload, requestGoneMs, renewedMs, endedMs }) =>
      workload.issuer === issuer && requestGoneMs < atMs - answerMs && Math.min(renewedMs, endedMs) > atMs,
  )
  const newestMs = Math.max(...waiting.map(({ requestGoneMs, dueMs }) => Math.max(requestGoneMs, dueMs)))
  const knownMs = atMs - 2 * spec.intervalMs
  return issuer.issuedMs.some((issuedMs) => issuedMs > newestMs + 2000 && issuedMs < knownMs)
}

/** A sample is scraped, and rules are evaluated, an interval later each, at worst. */
const isDark = ({ dark, spec }: FleetRun, atMs: number): boolean =>
  dark.some(({ of, fromMs, toMs }) => of === 'api' && atMs >= fromMs && atMs <= toMs + 2 * spec.intervalMs)
