import { hash } from 'node:crypto'

/** The ids of one span, in lower-case hex digits: 32 of its trace and 16 of its own. */
export interface SpanIds {
  readonly traceId: string
  readonly spanId: string
}

/** The separator cannot be in a name, so that different parts never make the same text. */
const digestOf = (kind: string, parts: readonly (string | number)[]): string =>
  hash('sha256', [kind, ...parts].join('\0'))

/** Returns a trace id that is always the same for the same parts, in every process. */
export const traceIdOf = (...parts: readonly (string | number)[]): string => digestOf('trace', parts).slice(0, 32)

/** Returns a span id that is always the same for the same parts, in every process. */
export const spanIdOf = (...parts: readonly (string | number)[]): string => digestOf('span', parts).slice(0, 16)

/** Returns the ids of the first span of the rotation that the request with this uid has asked for. */
export const rotationIds = (requestUid: string): SpanIds => ({
  traceId: traceIdOf('rotation', requestUid),
  spanId: spanIdOf('rotation', requestUid),
})
