import { gcBuckets, type ProcessMetricName } from '../catalogue/process.ts'
import type { Samples } from '../exposition.ts'
import { labelText } from '../labelText.ts'
import type { ProcessReadings, Reading } from '../processReadings.ts'
import type { Collector } from '../snapshot.ts'

/**
 * Writes the last readings of one metric of the process. A reading of 0 is left out: prom-client returns it for values that cannot
 * be read, and none of these metrics is ever 0.
 */
export function processCollector(readings: ProcessReadings, name: ProcessMetricName): Collector {
  if (name === 'nodejs_gc_duration_seconds') return (samples) => addCollections(samples, readings.valuesOf(name))
  return (samples) => {
    for (const { value } of readings.valuesOf(name)) if (value !== 0) samples.add('', value)
  }
}

/** Writes the histogram of garbage collections. The buckets of prom-client are cumulative. */
function addCollections(samples: Samples, readings: readonly Reading[]): void {
  for (const [kind, kindReadings] of Map.groupBy(readings, ({ labels }) => String(labels.kind))) {
    const cumulated = kindReadings.filter(({ labels }) => 'le' in labels).map(({ value }) => value)
    const counts = cumulated.map((count, index) => count - (cumulated[index - 1] ?? 0))
    const sum = kindReadings.find(({ metricName }) => metricName?.endsWith('_sum'))?.value ?? NaN
    samples.addHistogram(labelText(['kind'], [kind]), gcBuckets, counts, sum)
  }
}
