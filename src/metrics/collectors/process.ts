import { gcBuckets, type ProcessMetricName } from '../catalogue/process.ts'
import type { Samples } from '../exposition.ts'
import { labelText } from '../labelText.ts'
import type { ProcessReadings, Reading } from '../processReadings.ts'
import type { Collector } from '../snapshot.ts'

/** Writes what was read last of one metric of the process. prom-client says 0 of what it cannot read; nothing of it ever is. */
export function processCollector(readings: ProcessReadings, name: ProcessMetricName): Collector {
  if (name === 'nodejs_gc_duration_seconds') return (samples) => addCollections(samples, readings.of(name))
  return (samples) => {
    for (const { value } of readings.of(name)) if (value !== 0) samples.add('', value)
  }
}

/** The histogram of garbage collections; prom-client counts in each bucket what is in the smaller ones too. */
function addCollections(samples: Samples, readings: readonly Reading[]): void {
  for (const [kind, ofKind] of Map.groupBy(readings, ({ labels }) => String(labels.kind))) {
    const cumulated = ofKind.filter(({ labels }) => 'le' in labels).map(({ value }) => value)
    const counts = cumulated.map((count, index) => count - (cumulated[index - 1] ?? 0))
    const sum = ofKind.find(({ metricName }) => metricName?.endsWith('_sum'))?.value ?? NaN
    samples.addHistogram(labelText(['kind'], [kind]), gcBuckets, counts, sum)
  }
}
