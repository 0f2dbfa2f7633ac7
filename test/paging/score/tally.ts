import { thresholds } from '../../../src/diagnosis/thresholds.ts'
import { inTurn } from '../cases.ts'
import type { FleetRun } from '../fleet.ts'
import { endsAfterIntervals } from '../prometheus/prometheus.ts'
import { collective, type Firing } from '../prometheus/promtool.ts'
import { judgeMs } from '../prometheus/svidwatchProcess.ts'
import { lifetimes, minuteMs } from '../scenes.ts'
import type { Pages } from './pages.ts'
import { groupWaitMs } from './route.ts'
import type { Window } from './windows.ts'

/** What of the safe time has to be left when a page comes. */
export const goalOf = ({ run }: Window): number => (lifetimes[run.spec.lifetime] < 10 * minuteMs ? 0.4 : 0.5)

export type Verdict = 'true' | 'false' | 'missed' | 'late' | 'silent' | 'unknowable' | 'dark'

/** How it stands with one window under one ruleset. */
export interface Judged {
  readonly window: Window
  /**
   * `true`: a page for a workload that would suffer, before it does. `false`: one for a workload that is fine. `missed`: none for
   * one that suffers; `unknowable`, `dark`: the same where no rule could know. `silent`: none, rightly. `late`: either is right.
   */
  readonly verdict: Verdict
  readonly page?: Firing
  /** A page that told what an earlier one had told already. */
  readonly again?: Firing
  /** Of the safe time, at the first page. */
  readonly shareLeft?: number
}

/**
 * Returns by when rules have evaluated what svidwatch knows since `atMs`: it judges, is scraped, and the rules are evaluated. What a
 * replica told last counts until Prometheus ends its series, if the replica goes before it is scraped once more.
 */
function evaluatedMs({ spec: { intervalMs }, removedMs }: FleetRun, atMs: number): number {
  const scrapedMs = atMs + judgeMs + intervalMs
  const endedMs = removedMs
    .filter((goneMs) => goneMs <= scrapedMs)
    .map((goneMs) => goneMs + (1 + endsAfterIntervals) * intervalMs)
  return Math.max(scrapedMs, ...endedMs) + intervalMs
}

/**
 * Whether no page has named or counted a workload in time after its issuer had issued an SVID for it that never arrives: once its driver
 * has had the time to fetch that. What lies between scenes, or in the dark, is not judged.
 */
export function isUnnamed({ window, verdict }: Judged, { ofWindows }: Pages): boolean {
  const { life, run } = window
  if (verdict !== 'true' || life.workload.kind !== inTurn || run.play.scenes.length > 1) return false
  const missedMs = life.dueMs + thresholds.missedShare * (life.expiryMs - life.dueMs)
  const waitedMs = life.supersededMs - life.dueMs
  const fromMs = Math.max(life.supersededMs + Math.min(waitedMs, thresholds.retryMs), missedMs)
  const skewsMs = Math.abs(run.svidwatchSkewMs) + Math.abs(run.prometheusSkewMs)
  const toMs = evaluatedMs(run, fromMs) + skewsMs
  if (run.dark.some((one) => one.fromMs <= toMs && one.toMs >= life.supersededMs)) return false
  return !ofWindows.get(window)?.some(({ labels, atMs }) => labels.alertname !== 'SVIDIssuanceDown' && atMs <= toMs)
}

export function judge(window: Window, pages: Pages): Judged {
  const { life, outcome, isUnknowable, possibleShare } = window
  const page = pages.ofWindows.get(window)?.toSorted((one, other) => one.atMs - other.atMs)[0]
  const again = page && repeatedOf(window, pages)
  const paged = page && { page, ...(again && { again }) }
  if (outcome === 'late') return { window, verdict: 'late', ...paged }
  if (outcome === 'fine') return { window, verdict: page ? 'false' : 'silent', ...paged }
  if (page && page.atMs <= life.expiryMs) {
    const shareLeft = (life.expiryMs - page.atMs) / (life.expiryMs - life.dueMs)
    return { window, verdict: 'true', shareLeft: Math.min(shareLeft, 1), ...paged }
  }
  if (isUnknowable) return { window, verdict: 'unknowable' }
  return { window, verdict: possibleShare < 0 ? 'dark' : 'missed', ...paged }
}

/** A page that came too late, though there was light, and something to see. */
export const isTooLate = ({ window, shareLeft }: Judged): boolean =>
  shareLeft !== undefined &&
  shareLeft < goalOf(window) &&
  window.possibleShare >= goalOf(window) &&
  !window.isUnknowable

/** After so long without svidwatch, Prometheus says so itself, and what fires is forgotten. */
const forgottenMs = 4 * minuteMs

/** The alert of a workload that begins a second time in one scene, though svidwatch was never gone for long. */
function repeatedOf(window: Window, pages: Pages): Firing | undefined {
  const { dark } = window.run
  if (dark.some(({ of, fromMs, toMs }) => (of === 'targets' || of === 'beginning') && toMs - fromMs > forgottenMs))
    return undefined
  const firstMs = new Map<string, number>()
  const firings = pages.ofWindows.get(window) ?? []
  const ofMany = firings.filter(({ labels }) => collective.has(labels.alertname ?? ''))
  return firings.find(({ line, labels, atMs }) => {
    // Such a page goes on, whichever workloads it tells of.
    if (collective.has(labels.alertname ?? '')) return false
    // It ended in favour of such a page before anybody was notified.
    if (ofMany.some((other) => other.atMs >= atMs && other.atMs <= atMs + groupWaitMs)) return false
    const key = `${line} ${labels.alertname ?? ''}`
    const beganMs = firstMs.get(key)
    firstMs.set(key, beganMs ?? atMs)
    // Others that expire before it were named in its place meanwhile.
    const isCounted = ({ labels: { alertname }, atMs: otherMs }: Firing) =>
      alertname === 'SVIDsExpiringSoon' && otherMs >= (beganMs ?? atMs) && otherMs <= atMs
    return beganMs !== undefined && !ofMany.some(isCounted)
  })
}
