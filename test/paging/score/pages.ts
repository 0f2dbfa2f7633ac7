import type { FleetRun } from '../fleet.ts'
import { collective, type Firing } from '../prometheus/promtool.ts'
import { isFaultAlert } from './faults.ts'
import type { Life } from '../world/lives.ts'
import type { Window } from './windows.ts'

/** The pages of one ruleset in one fleet. */
export interface Pages {
  /** Those that name a workload, or all of a node or issuer, by the window that they tell of; those that name none tell of the workloads that they explain or count. */
  readonly ofWindows: ReadonlyMap<Window, readonly Firing[]>
  /** Those of workloads whose window is not judged. */
  readonly strays: readonly { readonly life: Life; readonly firing: Firing }[]
  /** Those of an issuer that is down. */
  readonly ofIssuers: readonly Firing[]
  /** Those of svidwatch itself. */
  readonly ofSvidwatch: readonly Firing[]
  /** All others. */
  readonly others: readonly Firing[]
}

/** Finds out what each page tells of that is about renewals, or about svidwatch. */
export function pagesOf(run: FleetRun, windows: readonly Window[], firings: readonly Firing[]): Pages {
  const byLife = new Map(windows.map((window) => [window.life, window]))
  const byPod = Map.groupBy(run.lives, ({ workload }) => workload.pod)
  const ofWindows = new Map<Window, Firing[]>()
  const strays: { life: Life; firing: Firing }[] = []
  const ofIssuers: Firing[] = []
  const ofSvidwatch: Firing[] = []
  const others: Firing[] = []
  for (const firing of firings) {
    const { alertname = '', pod, node, issuer, ruleset } = firing.labels
    if (isFaultAlert(alertname)) continue
    if (alertname.startsWith('Svidwatch')) ofSvidwatch.push(firing)
    else if (alertname === 'SVIDIssuanceDown' && pod === undefined) ofIssuers.push(firing)
    else if (collective.has(alertname) && pod === undefined) continue
    else {
      const lives =
        pod !== undefined ? (byPod.get(pod) ?? []) : ruleset === undefined ? [] : coveredBy(run.lives, node, issuer)
      if (lives.length === 0) others.push(firing)
      for (const ofOne of Map.groupBy(lives, ({ workload }) => workload.pod).values()) {
        const life = toldOf(ofOne, firing.atMs, run.spec.intervalMs)
        const window = life && byLife.get(life)
        if (window) ofWindows.set(window, [...(ofWindows.get(window) ?? []), firing])
        else if (life) strays.push({ life, firing })
      }
    }
  }
  return { ofWindows, strays, ofIssuers, ofSvidwatch, others }
}

/** The runbook's alerts of a node or an issuer tell of all workloads there. */
const coveredBy = (lives: readonly Life[], node: string | undefined, issuer: string | undefined): readonly Life[] =>
  lives.filter(
    ({ workload }) =>
      (node === undefined || workload.node.name === node) && (issuer === undefined || workload.issuer.name === issuer),
  )

/** Which of a workload's SVIDs a page tells of: the one that it had when the page was decided, of two the one that was due. */
function toldOf(lives: readonly Life[], atMs: number, intervalMs: number): Life | undefined {
  const decidedMs = atMs - 2 * intervalMs - 5000
  const had = lives.filter(
    ({ sinceMs, renewedMs, endedMs }) => sinceMs <= atMs && Math.min(renewedMs, endedMs) >= decidedMs,
  )
  return had.find(({ dueMs }) => dueMs <= atMs) ?? had.at(-1) ?? lives.at(-1)
}
