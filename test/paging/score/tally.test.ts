import { describe, expect, it } from 'vitest'
import { thresholds } from '../../../src/diagnosis/thresholds.ts'
import { inTurn } from '../cases.ts'
import { Chance } from '../chance.ts'
import { hourMs, minuteMs, playOf } from '../scenes.ts'
import { Stage } from '../world/stage.ts'
import type { Pages } from './pages.ts'
import { runOf } from './runOf.ts'
import { isUnnamed, judge } from './tally.ts'
import { windowsOf } from './windows.ts'

/**
 * Whether it counts as too late that a workload was named so many seconds after its driver has had the time to fetch what its issuer issued
 * after an outage. A replica of svidwatch was a target no more so many seconds after that time.
 */
async function isLate(namedAfterS: number, removedAfterS = Infinity): Promise<boolean> {
  const play = playOf(hourMs, new Chance(1))
  const stage = new Stage(play, new Chance(1), 'mounted')
  const down = { fromMs: play.dueFromMs - minuteMs, toMs: play.dueFromMs + 8 * minuteMs }
  stage.workload(inTurn, play.dueFromMs, { issuer: stage.issuer({ down }), staleFromMs: down.toMs - minuteMs })
  await stage.world.agenda.runUntil(down.toMs + minuteMs)
  const fetchedMs = (stage.lives.all[0]?.supersededMs ?? NaN) + thresholds.retryMs
  const [window] = windowsOf(runOf(stage, { removedMs: [fetchedMs + removedAfterS * 1000] }))
  if (window === undefined) throw new Error('the renewal is not judged')
  const page = { line: 0, labels: { alertname: 'SVIDExpiringSoon' }, atMs: fetchedMs + namedAfterS * 1000 }
  const none = { strays: [], ofIssuers: [], ofSvidwatch: [], others: [] }
  const pages: Pages = { ofWindows: new Map([[window, [page]]]), ...none }
  return isUnnamed(judge(window, pages), pages)
}

describe('a workload whose outage is over, and that is named', () => {
  // svidwatch judges each second, is scraped 15 s later, and the rules are evaluated within another 15 s.
  it.each([
    ['after a judgement, a scrape and an evaluation', 31, Infinity, false],
    ['later', 32, Infinity, true],
    // The series end after 2.1 intervals at most.
    ['once Prometheus has ended what a replica told that went before the scrape', 56.5, 10, false],
    ['later than that', 57, 10, true],
    ['late, although a replica went after the scrape', 32, 17, true],
  ])('%s', async (_, namedAfterS, removedAfterS, expected) => {
    expect(await isLate(namedAfterS, removedAfterS)).toBe(expected)
  })
})
