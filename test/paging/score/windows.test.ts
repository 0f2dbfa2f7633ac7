import { describe, expect, it } from 'vitest'
import { conditions } from '../conditions.ts'
import type { FleetRun } from '../fleet.ts'
import { hourMs, minuteMs, playOf } from '../scenes.ts'
import { Chance } from '../chance.ts'
import { Stage } from '../world/stage.ts'
import { isTooLate, judge } from './tally.ts'
import { windowsOf } from './windows.ts'

const lifetime = '1 h'
const safeMs = hourMs / 3
const intervalMs = 15_000

/** Judges a page that comes so long after the renewal was due, of a workload that would suffer while no target answered. */
async function judged(pageMs: number, darkFromMs: number, darkToMs: number) {
  const chance = new Chance(1)
  const play = playOf(hourMs, chance)
  const stage = new Stage(play, chance, 'mounted')
  stage.workload('stuck', play.dueFromMs, { fate: () => ({ answer: 'error' }) })
  await stage.world.agenda.runUntil(play.dueFromMs)
  const { dueMs } = stage.lives.all[0] ?? { dueMs: NaN }
  const run: FleetRun = {
    spec: {
      seed: 1,
      lifetime,
      intervalMs,
      knows: 'mounted',
      conditions: conditions.slice(0, 1),
      plan: 1,
      told: 'nothing',
      workloadsPerCase: 1,
    },
    play,
    lives: stage.lives.all,
    issuers: [],
    dark: [{ of: 'targets', fromMs: dueMs + darkFromMs, toMs: dueMs + darkToMs }],
    restarts: [],
    diagnosed: [],
    lines: [],
    svidwatchSkewMs: 0,
    prometheusSkewMs: 0,
  }
  const [window] = windowsOf(run)
  if (window === undefined) throw new Error('the renewal is not judged')
  const firing = { line: 0, labels: { alertname: 'SVIDExpiringSoon' }, atMs: dueMs + pageMs }
  const none = { strays: [], ofIssuers: [], ofSvidwatch: [], others: [] }
  return judge(window, { ofWindows: new Map([[window, [firing]]]), ...none })
}

describe('a page after an absence of svidwatch', () => {
  // The renewal counts as missed 27 % of 20 minutes after it was due, which is known 15 s later and evaluated within another 15 s.
  it.each([
    ['that began before the page could come', 5.55, false],
    ['that began when the page was overdue', 6, true],
  ])('%s', async (_, goneAfterMinutes, isLate) => {
    const page = await judged(13.1 * minuteMs, goneAfterMinutes * minuteMs, 12.7 * minuteMs)
    expect(page.verdict).toBe('true')
    expect(page.shareLeft).toBeCloseTo(1 - (13.1 * minuteMs) / safeMs)
    expect(isTooLate(page)).toBe(isLate)
  })
})
