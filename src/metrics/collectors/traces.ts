import type { traceMetrics } from '../catalogue/traces.ts'
import { labelText } from '../labelText.ts'
import type { Collectors } from '../snapshot.ts'

/** What became of the spans that were offered, read at every scrape. */
export interface SpanCounts {
  readonly offered: number
  readonly queued: number
  readonly outcomes: Readonly<Record<string, number>>
}

export function traceCollectors(counts: SpanCounts): Collectors<typeof traceMetrics> {
  return {
    svidwatch_trace_spans_offered_total: (samples) => samples.add('', counts.offered),
    svidwatch_trace_spans_total(samples) {
      for (const [outcome, count] of Object.entries(counts.outcomes))
        samples.add(labelText(['outcome'], [outcome]), count)
    },
    svidwatch_trace_spans_queued: (samples) => samples.add('', counts.queued),
  }
}
