/** One evaluation of a rule group. */
export interface Pass {
  readonly group: string
  /** When it began, in seconds since the Unix epoch. */
  readonly atSeconds: number
  /** How long it took. */
  readonly seconds: number
}

/** What Prometheus says of itself. */
export interface OwnMetrics {
  /** The last evaluation of each rule group. */
  readonly passes: readonly Pass[]
  /** The evaluations that were left out since the start, because the one before was not done. */
  readonly missedPasses: number
  /** The memory of the Go heap that is in use. */
  readonly heapBytes: number
}

/** Reads the metrics of Prometheus itself. Throws if one is missing. */
export function readOwnMetrics(exposition: string): OwnMetrics {
  const beganAt = new Map(groupSamples(exposition, 'prometheus_rule_group_last_evaluation_timestamp_seconds'))
  const durations = groupSamples(exposition, 'prometheus_rule_group_last_duration_seconds')
  const missed = groupSamples(exposition, 'prometheus_rule_group_iterations_missed_total')
  const [, heap] = /^go_memstats_heap_inuse_bytes (\S+)$/m.exec(exposition) ?? []
  if (heap === undefined || durations.length === 0)
    throw new Error('the metrics of Prometheus have no evaluations of rule groups, or no Go heap')
  return {
    passes: durations.map(([group, seconds]) => ({ group, seconds, atSeconds: beganAt.get(group) ?? NaN })),
    missedPasses: missed.reduce((sum, [, count]) => sum + count, 0),
    heapBytes: Number(heap),
  }
}

/** The samples of a family by the name of the group: the label has the path of the rule file before it. */
function groupSamples(exposition: string, family: string): (readonly [group: string, value: number])[] {
  const samples = exposition.matchAll(new RegExp(`^${family}\\{rule_group="[^"]*;([^";]+)"\\} (\\S+)$`, 'gm'))
  return Array.from(samples, ([, group = '', value]) => [group, Number(value)])
}
