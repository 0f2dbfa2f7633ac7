import type { Catalogue } from './declaration.ts'

/**
 * How often the event loop is looked at, in milliseconds. At 20 ms this takes 0.17 % of a core, at 10 ms, which is usual, 0.26 %
 * (Node 24).
 */
export const eventLoopPrecisionMs = 20

/** Upper bounds of the histogram of garbage collections, in seconds. */
export const gcBuckets = [0.001, 0.01, 0.1, 1] as const

/** What a garbage collection of each kind does. */
export const gcKinds = {
  minor: 'collects young objects',
  major: 'collects all objects',
  incremental: 'marks objects for the next major collection, in parts, between other work',
  weakcb: 'runs what waits for an object to be gone',
} as const

export type GcKind = keyof typeof gcKinds

/**
 * The node role does without: with prom-client, it took 4 % more memory, and 4 % more processor time at rest (median of three
 * pairs, 110 pods, Node 24).
 */
const ofProcess = {
  type: 'gauge',
  labels: [],
  stability: 'stable',
  cardinality: 'one',
  roles: ['cluster', 'standalone'],
  since: '0.1.0',
} as const

/** Each scrape begins anew, and the first look after it measures nothing. */
const sinceScrape = `since the last scrape by anybody, whose own work is left out; ${eventLoopPrecisionMs / 1000} where nothing holds up the event loop`

/** The health of the process, as far as prom-client measures it. */
export const processMetrics = {
  process_max_fds: {
    ...ofProcess,
    help: 'File descriptors that the process may have open. Linux only.',
  },
  nodejs_eventloop_lag_p99_seconds: {
    ...ofProcess,
    help: `The 99th percentile of the time, in seconds, between two looks at the event loop ${sinceScrape}.`,
    unit: 'seconds',
  },
  nodejs_eventloop_lag_max_seconds: {
    ...ofProcess,
    help: `The longest time, in seconds, between two looks at the event loop ${sinceScrape}. While it is held up, nothing is answered or noticed.`,
    unit: 'seconds',
  },
  nodejs_heap_size_total_bytes: {
    ...ofProcess,
    help: 'Memory that V8 has taken for its heap, in bytes.',
    unit: 'bytes',
  },
  nodejs_heap_size_used_bytes: {
    ...ofProcess,
    help: 'Memory of the heap that is in use, garbage included, in bytes.',
    unit: 'bytes',
  },
  nodejs_external_memory_bytes: {
    ...ofProcess,
    help: 'Memory outside of the heap that objects in it hold, such as buffers, in bytes.',
    unit: 'bytes',
  },
  nodejs_gc_duration_seconds: {
    ...ofProcess,
    help: 'Seconds that garbage collections took, by kind. Nothing else runs meanwhile.',
    type: 'histogram',
    labels: ['kind'],
    cardinality: `${gcBuckets.length + 3} for each of the ${Object.keys(gcKinds).length} kinds`,
    unit: 'seconds',
  },
} as const satisfies Catalogue

export type ProcessMetricName = keyof typeof processMetrics
