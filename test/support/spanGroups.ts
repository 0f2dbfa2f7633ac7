import type { Clock } from '../../src/clock.ts'
import type { SpanGroup } from '../../src/traces/spans.ts'

/** Returns a group of spans that end now, whose trace id is `traceId`. */
export function spanGroup(
  traceId: string,
  {
    clock,
    size = 4,
    isFailure = false,
  }: { readonly clock: Clock; readonly size?: number; readonly isFailure?: boolean },
): SpanGroup {
  const endMs = clock.now()
  const spans = Array.from({ length: size }, (_, index) => ({
    ...{ traceId, spanId: `${index}`, name: 'svid.rotation' as const },
    ...{ startMs: endMs - 1_000, endMs, attributes: {}, links: [] },
  }))
  return { spans, isFailure }
}
