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

/** One value as prom-client gives it; a histogram has one for each bucket, a sum and a count, which `metricName` tells apart. */
export interface Reading {
  readonly value: number
  readonly labels: Readonly<Partial<Record<string, string | number>>>
  readonly metricName?: string
}

/** What is measured of this process. */
export interface ProcessReadings {
  /** Reads all values anew. */
  refresh(): Promise<void>
  /** The values of a metric that were read last; none where the operating system does not tell. */
  of(name: ProcessMetricName): readonly Reading[]
}

/** Begins to measure this process. Call it once: prom-client measures until the process ends. */
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
    of: (name) => readings.get(name) ?? [],
  }
}

type Collection = PerformanceEntry & { readonly detail: NodeGCPerformanceDetail }

const kinds: ReadonlyMap<number, GcKind> = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
])

/** Measures garbage collections: of those that Node reports together, prom-client (15.1.3) takes only the first. */
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
