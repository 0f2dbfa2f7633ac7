import type { Catalogue } from './declaration.ts'

/**
 * The sampling interval of the event loop, in milliseconds. Sampling takes 0.17 % of a core at 20 ms, and 0.26 % at 10 ms, the
 * default (Node 24).
 */
export const eventLoopPrecisionMs = 20

/** The upper bounds of the histogram of garbage collections, in seconds. */
export const gcBuckets = [0.001, 0.01, 0.1, 1] as const

/** The kinds of garbage collections, with their meanings. */
export const gcKinds = {
  minor: 'collects young objects',
  major: 'collects all objects',
  incremental: 'marks objects for the next major collection, in steps between other work',
  weakcb: 'runs callbacks of objects that have been collected',
} as const

export type GcKind = keyof typeof gcKinds

/**
 * The node role does not have these metrics: with prom-client, it took 4 % more memory, and 4 % more processor time at rest (median
 * of three pairs, 110 pods, Node 24).
 */
const processMetric = {
  type: 'gauge',
  labels: [],
  stability: 'stable',
  cardinality: 'one',
  roles: ['cluster', 'standalone'],
  since: '0.1.0',
} as const

/** Each scrape resets the samples, and the first sample after it measures nothing. */
const sinceScrape = `since the last scrape by any client, whose own work is left out; ${eventLoopPrecisionMs / 1000} if nothing blocks the event loop`

/** The metrics of the process that prom-client measures. */
export const processMetrics = {
  process_max_fds: {
    ...processMetric,
    help: 'Maximum number of open file descriptors of the process. Linux only.',
  },
  nodejs_eventloop_lag_p99_seconds: {
    ...processMetric,
    help: `The 99th percentile of the time, in seconds, between two samples of the event loop ${sinceScrape}.`,
    unit: 'seconds',
  },
  nodejs_eventloop_lag_max_seconds: {
    ...processMetric,
    help: `The longest time, in seconds, between two samples of the event loop ${sinceScrape}. While it is blocked, svidwatch answers no request and processes no input.`,
    unit: 'seconds',
  },
  nodejs_heap_size_total_bytes: {
    ...processMetric,
    help: 'Size of the heap of V8, in bytes.',
    unit: 'bytes',
  },
  nodejs_heap_size_used_bytes: {
    ...processMetric,
    help: 'Memory of the heap in use, including garbage, in bytes.',
    unit: 'bytes',
  },
  nodejs_external_memory_bytes: {
    ...processMetric,
    help: 'Memory outside the heap that belongs to objects in the heap, such as buffers, in bytes.',
    unit: 'bytes',
  },
  nodejs_gc_duration_seconds: {
    ...processMetric,
    help: 'Duration of garbage collections in seconds, by kind. Nothing else runs during a collection.',
    type: 'histogram',
    labels: ['kind'],
    cardinality: `${gcBuckets.length + 3} for each of the ${Object.keys(gcKinds).length} kinds`,
    unit: 'seconds',
  },
} as const satisfies Catalogue

export type ProcessMetricName = keyof typeof processMetrics
