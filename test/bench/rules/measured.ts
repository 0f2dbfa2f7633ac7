import type { Pass } from './ownMetrics.ts'
import type { RangeSeries } from './watchingPrometheus.ts'

/** What was measured in one scene. */
export interface Measured {
  /** The evaluations that ended; of a group without one, a pass of infinite length. */
  readonly passes: readonly Pass[]
  readonly missedPasses: number
  readonly failedScrapes: number
  readonly samplesInScrape: number
  /** The most resident memory of Prometheus. */
  readonly rssBytes: number
  /** The processor time of Prometheus, as a share of one core. */
  readonly cpuShare: number
  /** For how long its threads were ready to run while other programs or other threads had the processors, likewise. */
  readonly waitedShare: number
  /** The Go heap of Prometheus in use at the end, without garbage. */
  readonly heapBytes: number
  /** The number of firing alerts by `alertname`, `severity` and `issuer`, from the first evaluation to the last. */
  readonly firing: readonly RangeSeries[]
  /** The last moment of `firing`, in seconds since the Unix epoch. */
  readonly endSeconds: number
}

/** Returns the longest evaluation of each rule group, in seconds. */
export function longestPasses(passes: readonly Pass[]): ReadonlyMap<string, number> {
  const longest = new Map<string, number>()
  for (const { group, seconds } of passes) longest.set(group, Math.max(longest.get(group) ?? 0, seconds))
  return longest
}

/** Returns the most alerts of each name that were firing at once. */
export function mostFiring(firing: readonly RangeSeries[]): ReadonlyMap<string, number> {
  const byName = Map.groupBy(firing, ({ metric }) => metric['alertname'] ?? '')
  return new Map(Array.from(byName, ([name, series]) => [name, mostAtOnce(series)]))
}

function mostAtOnce(series: readonly RangeSeries[]): number {
  const sums = new Map<number, number>()
  for (const { values } of series)
    for (const [seconds, value] of values) sums.set(seconds, (sums.get(seconds) ?? 0) + Number(value))
  return Math.max(0, ...sums.values())
}

/** Reports when alerts with some labels were firing: one that has ended before the end would page again and again. */
export function whenFiring(
  { firing, endSeconds }: Pick<Measured, 'firing' | 'endSeconds'>,
  isMeant: (labels: RangeSeries['metric']) => boolean,
): 'never' | 'for a while' | 'at the end' {
  const meant = firing.filter(({ metric }) => isMeant(metric))
  if (meant.length === 0) return 'never'
  return meant.some(({ values }) => values.at(-1)?.[0] === endSeconds) ? 'at the end' : 'for a while'
}
