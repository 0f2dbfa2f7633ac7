// eslint-disable-next-line no-restricted-syntax -- durations that Node has measured are read; no time is asked for
import { constants, PerformanceObserver, type NodeGCPerformanceDetail, type PerformanceEntry } from 'node:perf_hooks'
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import {
  eventLoopPrecisionMs,
  gcBuckets,
  gcKinds,
  processMetrics,
  type GcKind,
  type ProcessMetricName,
} from './catalogue/process.ts'

/** One value of prom-client. A histogram has one for each bucket, a sum and a count, which differ in `metricName`. */
export interface Reading {
  readonly value: number
  readonly labels: Readonly<Partial<Record<string, string | number>>>
  readonly metricName?: string
}

/** The values that prom-client measures of this process. */
export interface ProcessReadings {
  /** Reads all values again. */
  refresh(): Promise<void>
  /** Returns the values of a metric as last read; none if the operating system does not provide them. */
  valuesOf(name: ProcessMetricName): readonly Reading[]
}

/** Starts to measure this process. Call it once: prom-client measures until the process ends. */
export function measureProcess(): ProcessReadings {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: eventLoopPrecisionMs })
  measureCollections(registry)
  let readings: ReadonlyMap<string, readonly Reading[]> = new Map()
  return {
    async refresh() {
      const metrics = await registry.getMetricsAsJSON()
      readings = new Map(metrics.map(({ name, values }) => [name, values]))
    },
    valuesOf: (name) => readings.get(name) ?? [],
  }
}

type Collection = PerformanceEntry & { readonly detail: NodeGCPerformanceDetail }

const kinds: ReadonlyMap<number, GcKind> = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
])

/** Measures garbage collections in place of prom-client (15.1.3), which takes only the first of those that Node reports together. */
function measureCollections(registry: Registry): void {
  const name: ProcessMetricName = 'nodejs_gc_duration_seconds'
  registry.removeSingleMetric(name)
  const { help } = processMetrics[name]
  const durations = new Histogram({ name, help, labelNames: ['kind'], buckets: [...gcBuckets], registers: [registry] })
  for (const kind of Object.keys(gcKinds)) durations.zero({ kind })
  const observer = new PerformanceObserver((list) => {
    for (const { detail, duration } of list.getEntries() as Collection[]) {
      const kind = kinds.get(detail.kind)
      if (kind !== undefined) durations.observe({ kind }, duration / 1000)
    }
  })
  observer.observe({ type: 'gc' })
}
