import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

/** A span as it arrives by OTLP over HTTP in JSON. */
export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[]
  readonly status: { readonly code: number; readonly message?: string }
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[]
}

interface ReceivedRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: ReceivedSpan['attributes'] }
    readonly scopeSpans: readonly { readonly spans: readonly ReceivedSpan[] }[]
  }[]
}

export interface Collector {
  readonly url: string
  /** The spans of each request that was answered with success. */
  readonly batches: ReceivedSpan[][]
  readonly headers: IncomingHttpHeaders[]
  readonly resources: ReceivedSpan['attributes'][]
  /** Answers a request; by default with success. */
  answer: (response: ServerResponse) => void
  spans(): readonly ReceivedSpan[]
}

const success = (response: ServerResponse) => {
  response.setHeader('content-type', 'application/json').end('{"partialSuccess":{}}')
}

/** Starts a collector of OTLP over HTTP, which ends with the test. */
export async function startCollector(): Promise<Collector> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { resourceSpans } = JSON.parse(body) as ReceivedRequest
      collector.headers.push(request.headers)
      response.once('finish', () => {
        if (response.statusCode !== 200) return
        collector.batches.push(resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)))
        collector.resources.push(...resourceSpans.map(({ resource }) => resource.attributes))
      })
      collector.answer(response)
    })
  })
  server.listen(0, '127.0.0.1')
  onTestFinished(() => server.close().closeAllConnections())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const collector: Collector = {
    ...{ url: `http://127.0.0.1:${port}`, batches: [], headers: [], resources: [], answer: success },
    spans: () => collector.batches.flat(),
  }
  return collector
}
