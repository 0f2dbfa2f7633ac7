import { describe, expect, it } from 'vitest'
import { Chance } from '../chance.ts'
import { hourMs, minuteMs, playOf } from '../scenes.ts'
import { Stage } from '../world/stage.ts'
import { faultsOf } from './faults.ts'
import { runOf } from './runOf.ts'

interface Situation {
  /** Another SVID of the issuer is refused so many seconds after the first one, for each number. */
  readonly others?: readonly number[]
  /** Until when, in the same seconds, the SVIDs of the others are refused, and the first one is. */
  readonly overS?: number
  /** From when to when, in the same seconds, the files of the others are out of sight. */
  readonly dark?: readonly [fromS: number, toS: number]
}

/** What is made of the alert of the issuer of refused SVIDs, which begins so many seconds after the first SVID is refused. */
function verdictOn(alertS: number, { others = [], overS = Infinity, dark }: Situation): string | undefined {
  const play = playOf(hourMs, new Chance(1))
  const stage = new Stage(play, new Chance(1), 'mounted')
  const [node, another] = [stage.node(), stage.node()]
  const issuer = stage.issuer()
  const firstMs = play.dueFromMs + minuteMs
  const at = (seconds: number) => firstMs + seconds * 1000
  const begin = (afterS: number, part: typeof node) =>
    stage.faults.begin(
      stage.workload('CA half rotated', firstMs, { issuer, node: part }),
      'SVIDRefusedByPeers',
      at(afterS),
      at(overS),
    )
  begin(0, node)
  for (const afterS of others) begin(afterS, another)
  const run = runOf(stage, { dark: dark ? [{ of: another.name, fromMs: at(dark[0]), toMs: at(dark[1]) }] : [] })
  const firing = { line: 0, labels: { alertname: 'SVIDRefusedByPeers', issuer: issuer.name }, atMs: at(alertS) }
  return faultsOf(run, [firing]).judged[0]?.verdict
}

describe('the alert for a refused SVID', () => {
  // It waits for a minute, once svidwatch has seen the files settle (10 s), has judged (1 s) and is scraped, and the rules are evaluated.
  it.each<readonly [string, number, Situation, string]>([
    ['comes in time', 101, {}, 'told'],
    ['comes too late', 102, {}, 'missed'],
    ['need not come any more', 102, { overS: 100 }, 'either'],
    ['of five that are refused at once is in time', 101, { others: [0, 0, 0, 0] }, 'told'],
    ['of five that are refused at once is too late', 102, { others: [0, 0, 0, 0] }, 'missed'],
    ['waits for the fifth that is refused', 141, { others: [0, 10, 20, 40] }, 'told'],
    ['waits for no other than the fifth', 142, { others: [0, 10, 20, 40, 50] }, 'missed'],
    ['does not wait for a fifth that is refused after it', 102, { others: [0, 10, 20, 101] }, 'missed'],
    ['does not wait for a fourth', 102, { others: [0, 10, 40] }, 'missed'],
    ['waits for a fifth that is seen late', 131, { others: [0, 0, 0, 0], dark: [-5, 30] }, 'told'],
    ['of a fifth that is seen late is too late', 132, { others: [0, 0, 0, 0], dark: [-5, 30] }, 'missed'],
  ])('%s', (_, alertS, situation, verdict) => {
    expect(verdictOn(alertS, situation)).toBe(verdict)
  })
})
