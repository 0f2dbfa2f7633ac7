import { diag, DiagLogLevel, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
  type Resource,
} from '@opentelemetry/resources'
import { SamplingDecision, TraceIdRatioBasedSampler, type ReadableSpan } from '@opentelemetry/sdk-trace'
import { messageOf } from '../errors.ts'
import { printable } from '../text/printable.ts'
import type { Send, SendResult } from './sender.ts'
import type { TraceSpan } from './spans.ts'

export interface OtlpOptions {
  /** Undefined: the standard variables have the endpoint. */
  readonly url: string | undefined
  /** Returns headers in addition to those in the standard variables; undefined: there are none. Never rejects. */
  readonly headers: (() => Promise<Record<string, string>>) | undefined
  /** The version of svidwatch. */
  readonly version: string
}

/**
 * Returns a function that sends spans by OTLP over HTTP. The exporter reads the standard variables for the endpoint, headers, timeout,
 * compression and certificates.
 */
export function createOtlpSend({ url, headers, version }: OtlpOptions): Send {
  const exporter = new OTLPTraceExporter({ ...(url !== undefined && { url }), ...(headers && { headers }) })
  const resource = resourceFromAttributes({ 'service.name': 'svidwatch', 'service.version': version }).merge(
    detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }),
  )
  const refused = countRefused()
  return (spans) =>
    new Promise((resolve) => {
      const readable = spans.map((span) => readableSpan(span, resource, version))
      exporter.export(readable, ({ error }) => resolve(resultOf(error, refused())))
    })
}

/** Returns a function that reports whether a trace is in a share of all traces. Every program decides the same for the same trace id. */
export function createSampler(ratio: number): (traceId: string) => boolean {
  const sampler = new TraceIdRatioBasedSampler(ratio)
  return (traceId) => sampler.shouldSample(ROOT_CONTEXT, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED
}

/** An HTTP status means that the collector has refused the spans for good. The exporter gives none with a status that asks to retry. */
function resultOf(error: (Error & { readonly code?: unknown }) | undefined, refused: number): SendResult {
  if (error === undefined) return { is: 'sent', refused }
  const message = printable(messageOf(error))
  if (typeof error.code === 'number') return { is: 'refused', detail: `HTTP status ${error.code} ${message}` }
  return { is: 'unreachable', detail: message }
}

/**
 * Returns a function that returns how many spans the collector has refused of those that it has answered last. The exporter only writes
 * this to its own log.
 */
function countRefused(): () => number {
  let refused = 0
  const ignore = () => undefined
  const warn = (message: string, ...rest: readonly unknown[]) => {
    const [, count] = /"rejectedSpans":"?(\d+)/.exec(rest.join(' ')) ?? []
    if (message.includes('Partial Success') && count !== undefined) refused = Number(count)
  }
  const logger = { error: ignore, warn, info: ignore, debug: ignore, verbose: ignore }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  return () => {
    const count = refused
    refused = 0
    return count
  }
}

function readableSpan(span: TraceSpan, resource: Resource, version: string): ReadableSpan {
  const { traceId, spanId, parentSpanId, name, startMs, endMs, attributes, error, links } = span
  const contextOf = (ids: { readonly traceId: string; readonly spanId: string }) => ({
    traceId: ids.traceId,
    spanId: ids.spanId,
    traceFlags: TraceFlags.SAMPLED,
  })
  return {
    name,
    kind: SpanKind.INTERNAL,
    spanContext: () => contextOf({ traceId, spanId }),
    ...(parentSpanId !== undefined && { parentSpanContext: contextOf({ traceId, spanId: parentSpanId }) }),
    startTime: hrTime(startMs),
    endTime: hrTime(endMs),
    duration: hrTime(endMs - startMs),
    status: error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: error },
    attributes,
    links: links.map((ids) => ({ context: contextOf(ids) })),
    events: [],
    ended: true,
    resource,
    instrumentationScope: { name: 'svidwatch', version },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
}

const hrTime = (ms: number): [number, number] => [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)]
