import { rfc3339 } from '../text/rfc3339.ts'
import { known } from '../known.ts'
import type { SpanAttributes } from './attributes.ts'
import type { SpanIds } from './ids.ts'
import type { SpanName } from './spanNames.ts'

/** Where a time comes from. */
export type TimeSource = 'object' | 'file' | 'observed' | 'rule'

/** A time, ms since the Unix epoch, and where it comes from. */
export interface Sourced {
  readonly ms: number
  readonly source: TimeSource
}

/** One span. Times are ms since the Unix epoch. */
export interface TraceSpan extends SpanIds {
  readonly parentSpanId?: string | undefined
  readonly name: SpanName
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Readonly<Record<string, string | number>>
  /** What went wrong; undefined if nothing did. */
  readonly error?: string | undefined
  readonly links: readonly SpanIds[]
}

/** The spans of one rotation or one problem, which leave together. */
export interface SpanGroup {
  readonly spans: readonly TraceSpan[]
  /** Something went wrong: sampling never leaves the group out. */
  readonly isFailure: boolean
}

/** What a span is made from. */
export interface SpanPlan extends SpanIds {
  readonly parentSpanId?: string
  readonly name: SpanName
  readonly start: Sourced
  readonly end: Sourced
  readonly attributes: SpanAttributes
  readonly error?: string | undefined
  readonly links?: readonly SpanIds[]
}

/** Back ends refuse spans that are older. A span that lasts longer is cut. */
export const longestMs = 24 * 60 * 60_000

/** The objects have whole seconds. Jaeger warns of spans that take no time at all. */
const shortestMs = 1

/** Makes a span. One that lasts longer than a day begins a day before its end, and tells its true start in an attribute. */
export function spanOf({ start, end, attributes, links = [], ...rest }: SpanPlan): TraceSpan {
  // Clocks of different machines differ: nothing ends before it starts.
  const endMs = Math.max(start.ms + shortestMs, end.ms)
  const startMs = Math.max(start.ms, endMs - longestMs)
  return {
    ...rest,
    startMs,
    endMs,
    attributes: known({
      ...attributes,
      'svidwatch.start.source': start.source,
      'svidwatch.end.source': end.source,
      'svidwatch.began': startMs === start.ms ? undefined : rfc3339(start.ms),
    }),
    links,
  }
}

/** Returns when the last span of a group has ended, ms since the Unix epoch. */
export const endOf = ({ spans }: SpanGroup): number => Math.max(...spans.map(({ endMs }) => endMs))
