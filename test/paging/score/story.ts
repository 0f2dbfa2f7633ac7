import type { Judged } from './tally.ts'

/** What happened to a workload, so that one can mend the rule: times are in minutes since its renewal was due. */
export function storyOf({ window, verdict, page, again, shareLeft }: Judged): string {
  const { life, run, outcome, possibleShare } = window
  const { spec } = run
  const { workload } = life
  const since = (atMs: number) => (atMs === Infinity ? 'never' : `${((atMs - life.dueMs) / 60_000).toFixed(2)} min`)
  const dark = run.dark
    .filter(({ fromMs, toMs }) => toMs > life.dueMs - 600_000 && fromMs < life.expiryMs)
    .map(({ of, fromMs, toMs }) => `${of} dark from ${since(fromMs)} to ${since(toMs)}`)
  return [
    `${verdict}: ${workload.kind}, ${spec.lifetime} every ${spec.intervalMs / 1000} s, ${spec.knows}, ${spec.conditions.map(({ name }) => name).join(' + ')}, fleet ${spec.seed}, ${workload.pod}`,
    `  got ${since(life.sinceMs)}, renewed ${since(life.renewedMs)}, pod gone ${since(life.endedMs)}, expiry ${since(life.expiryMs)}; ${outcome}`,
    `  ${page ? `${page.labels.alertname ?? ''} at ${since(page.atMs)}` : 'no page'}${shareLeft === undefined ? '' : `, ${shareLeft.toFixed(3)} left`}, at most ${possibleShare.toFixed(3)} possible${again ? `; again ${again.labels.alertname ?? ''} at ${since(again.atMs)} with ${JSON.stringify(again.labels)}` : ''}`,
    ...(dark.length > 0 ? [`  ${dark.join(', ')}`] : []),
    ...run.restarts.map(
      ({ endedMs, beganMs }) =>
        `  svidwatch was away from ${since(endedMs)} to ${since(beganMs)}, request gone ${since(life.requestGoneMs)}`,
    ),
  ].join('\n')
}
