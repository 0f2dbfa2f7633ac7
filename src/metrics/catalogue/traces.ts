import type { Catalogue } from './declaration.ts'

const spans = {
  stability: 'stable',
  roles: ['cluster', 'standalone'],
  since: '0.1.0',
} as const

/** Exported where traces are sent. */
export const traceMetrics = {
  svidwatch_trace_spans_offered_total: {
    ...spans,
    help: 'Spans of rotations and problems that were made. Always as many as svidwatch_trace_spans_total of all outcomes and svidwatch_trace_spans_queued.',
    type: 'counter',
    labels: [],
    cardinality: 'one',
  },
  svidwatch_trace_spans_total: {
    ...spans,
    help: 'Spans that have left or are lost, by outcome. A span that is sent again after a restart counts again.',
    type: 'counter',
    labels: ['outcome'],
    cardinality: 'one for each outcome',
  },
  svidwatch_trace_spans_queued: {
    ...spans,
    help: 'Number of spans that wait for the collector, or are on their way to it.',
    type: 'gauge',
    labels: [],
    cardinality: 'one',
  },
} as const satisfies Catalogue
