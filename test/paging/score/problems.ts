import type { Scored } from './score.ts'
import type { JudgedFault } from './faults.ts'
import { storyOf } from './story.ts'
import { isTooLate, isUnnamed, type Judged } from './tally.ts'

/** What the shipped rules did wrong in one fleet, as stories. */
export function problemsOf({ run, judged, pages, issuers, self, faults }: Scored): readonly string[] {
  const { spec } = run
  const fleet = `${spec.lifetime} every ${spec.intervalMs / 1000} s, ${spec.knows}, ${spec.conditions.map(({ name }) => name).join(' + ')}, fleet ${spec.seed}`
  return [
    ...judged.shipped.filter((one) => isWrong(one) || isUnnamed(one, pages.shipped)).map(storyOf),
    ...pages.shipped.strays.map(
      ({ life, firing }) =>
        `false: ${fleet}: ${firing.labels.alertname ?? ''} of ${life.workload.kind} ${life.workload.pod}, whose renewal is due at another time`,
    ),
    ...pages.shipped.others.map(
      ({ labels, atMs }) => `false: ${fleet}: ${JSON.stringify(labels)} at ${new Date(atMs).toISOString()}`,
    ),
    ...self.wrong.map(
      ({ labels, atMs }) => `false: ${fleet}: ${JSON.stringify(labels)} at ${new Date(atMs).toISOString()}`,
    ),
    ...faults.wrong.map(
      ({ labels, atMs }) => `false: ${fleet}: ${JSON.stringify(labels)} at ${new Date(atMs).toISOString()}`,
    ),
    ...faults.judged.filter(({ verdict }) => verdict === 'missed').map((one) => faultStory(one, run, fleet)),
    ...(self.missed > 0
      ? [`missed: ${fleet}: svidwatch did not say ${self.missed} times that it was gone or blind`]
      : []),
    ...issuers
      .filter(({ verdict }) => verdict === 'false' || verdict === 'many pages')
      .map((one) => issuerStory(run, one, fleet)),
  ]
}

/** A page for a workload whose renewal is not due yet tells of nothing, also where it will be missed later. */
const isWrong = (one: Judged): boolean =>
  one.verdict === 'false' ||
  one.verdict === 'missed' ||
  isTooLate(one) ||
  one.again !== undefined ||
  (one.page?.atMs ?? Infinity) < one.window.life.dueMs

function faultStory({ fault, byMs }: JudgedFault, { dark }: Scored['run'], fleet: string): string {
  const { alert, workload, fromMs, toMs } = fault
  const since = (atMs: number) => (atMs === Infinity ? 'never' : `${((atMs - fromMs) / 60_000).toFixed(2)} min`)
  const darkness = dark.map((one) => `${one.of} dark from ${since(one.fromMs)} to ${since(one.toMs)}`)
  return [
    `missed: ${fleet}: ${alert} of ${workload.kind} ${workload.pod}, due ${since(byMs)} after it began; over ${since(toMs)}`,
    ...darkness.map((text) => `  ${text}`),
  ].join('\n')
}

function issuerStory(
  { lives, play }: Scored['run'],
  { issuer, verdict, pagesMs }: Scored['issuers'][number],
  fleet: string,
): string {
  const kinds = new Set(lives.filter(({ workload }) => workload.issuer === issuer).map(({ workload }) => workload.kind))
  const minutes = (atMs: number) => ((atMs - play.dueFromMs) / 60_000).toFixed(2)
  const down = issuer.down ?? issuer.approverDown
  return [
    `${verdict}: ${fleet}: ${issuer.name} (${[...kinds].join()}), in minutes since the first renewal fell due:`,
    `  ${down ? `down from ${minutes(down.fromMs)} to ${minutes(down.toMs)}` : 'never down'}, pages at ${pagesMs.map(minutes).join()}`,
  ].join('\n')
}
