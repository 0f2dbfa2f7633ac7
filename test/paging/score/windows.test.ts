import { describe, expect, it } from 'vitest'
import { hourMs, minuteMs, playOf } from '../scenes.ts'
import { Chance } from '../chance.ts'
import { Stage } from '../world/stage.ts'
import { runOf } from './runOf.ts'
import { isTooLate, judge } from './tally.ts'
import { windowsOf } from './windows.ts'

const safeMs = hourMs / 3

/** Judges a page that comes so long after the renewal was due, of a workload that would suffer while no target answered. */
async function judged(pageMs: number, darkFromMs: number, darkToMs: number) {
  const chance = new Chance(1)
  const play = playOf(hourMs, chance)
  const stage = new Stage(play, chance, 'mounted')
  stage.workload('stuck', play.dueFromMs, { fate: () => ({ answer: 'error' }) })
  await stage.world.agenda.runUntil(play.dueFromMs)
  const { dueMs } = stage.lives.all[0] ?? { dueMs: NaN }
  const run = runOf(stage, { dark: [{ of: 'targets', fromMs: dueMs + darkFromMs, toMs: dueMs + darkToMs }] })
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
