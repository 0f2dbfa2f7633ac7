import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createOtlpSend, createSampler, type OtlpOptions } from '../../../src/traces/otlp.ts'
import { rotationSpans } from '../../../src/traces/rotation.ts'
import type { Send } from '../../../src/traces/sender.ts'
import { startCollector, type Collector } from '../../support/collector.ts'
import { epochMs, request } from '../../support/observations.ts'

const { spans } = rotationSpans({
  request: request({ approvedMs: epochMs + 1_000, concludedMs: epochMs + 2_000 }),
  observedMs: epochMs,
  mount: { place: { volume: 'spiffe', node: 'node-1' }, at: { ms: epochMs + 2_345, source: 'file' } },
})

const sendTo = ({ url }: Pick<Collector, 'url'>, options: Partial<OtlpOptions> = {}): Send =>
  createOtlpSend({ url: `${url}/v1/traces`, headers: undefined, version: '1.2.3', ...options })

describe('spans', () => {
  it('arrive with their ids, times and attributes, from svidwatch', async () => {
    const collector = await startCollector()
    expect(await sendTo(collector)(spans)).toEqual({ is: 'sent', refused: 0 })
    const received = collector.spans()
    expect(received.map(({ name }) => name)).toEqual(['svid.rotation', 'svid.approval', 'svid.issuance', 'svid.mount'])
    expect(received.map(({ traceId, spanId }) => [traceId, spanId])).toEqual(
      spans.map(({ traceId, spanId }) => [traceId, spanId]),
    )
    const [root, , , mount] = received
    expect(root?.parentSpanId ?? '').toBe('')
    expect(mount).toMatchObject({
      parentSpanId: root?.spanId,
      startTimeUnixNano: `${epochMs + 2_000}000000`,
      endTimeUnixNano: `${epochMs + 2_345}000000`,
    })
    expect(root?.attributes).toContainEqual({ key: 'spiffe.trust.domain', value: { stringValue: 'example.org' } })
    expect(root?.attributes).toContainEqual({ key: 'spiffe.svid.ttl', value: { intValue: 3600 } })
    expect(collector.resources[0]).toEqual(
      expect.arrayContaining([
        { key: 'service.name', value: { stringValue: 'svidwatch' } },
        { key: 'service.version', value: { stringValue: '1.2.3' } },
      ]),
    )
  })

  it('arrive with the error and the links that they have', async () => {
    const collector = await startCollector()
    const link = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }
    await sendTo(collector)(spans.slice(0, 1).map((span) => ({ ...span, error: 'not yours', links: [link] })))
    expect(collector.spans()).toMatchObject([{ status: { code: 2, message: 'not yours' }, links: [link] }])
  })

  it('come with the attributes of the resource in the environment', async () => {
    vi.stubEnv('OTEL_SERVICE_NAME', 'identities')
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'k8s.cluster.name=prod')
    onTestFinished(() => void vi.unstubAllEnvs())
    const collector = await startCollector()
    await sendTo(collector)(spans)
    expect(collector.resources[0]).toEqual(
      expect.arrayContaining([
        { key: 'service.name', value: { stringValue: 'identities' } },
        { key: 'k8s.cluster.name', value: { stringValue: 'prod' } },
      ]),
    )
  })

  it('go to the endpoint in the environment, with its headers and those of the file', async () => {
    const collector = await startCollector()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'tenant=blue')
    onTestFinished(() => void vi.unstubAllEnvs())
    const headers = () => Promise.resolve({ Authorization: 'Bearer token' })
    expect(await sendTo(collector, { url: undefined, headers })(spans)).toMatchObject({ is: 'sent' })
    expect(collector.headers[0]).toMatchObject({ authorization: 'Bearer token', tenant: 'blue' })
  })

  it('count as refused as far as the collector says so, once', async () => {
    const collector = await startCollector()
    const send = sendTo(collector)
    const accepts = collector.answer
    collector.answer = (response) =>
      response
        .setHeader('content-type', 'application/json')
        .end('{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too many attributes"}}')
    expect(await send(spans)).toEqual({ is: 'sent', refused: 3 })
    collector.answer = accepts
    expect(await send(spans)).toEqual({ is: 'sent', refused: 0 })
  })

  it('are refused for good with a status that says so', async () => {
    const collector = await startCollector()
    collector.answer = (response) => response.writeHead(401, 'Unauthorized').end()
    expect(await sendTo(collector)(spans)).toEqual({ is: 'refused', detail: 'HTTP status 401 Unauthorized' })
  })

  it('may be sent again if nobody listens, or the collector asks for patience', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '100')
    onTestFinished(() => void vi.unstubAllEnvs())
    const collector = await startCollector()
    collector.answer = (response) => response.writeHead(503).end()
    expect(await sendTo(collector)(spans)).toMatchObject({ is: 'unreachable' })
    expect(await sendTo({ url: 'http://127.0.0.1:1' })(spans)).toMatchObject({
      is: 'unreachable',
      detail: expect.stringContaining('ECONNREFUSED') as string,
    })
  })
})

it('a sampler takes its share of the traces, always the same ones', () => {
  const ids = Array.from({ length: 2_000 }, (_, index) =>
    rotationSpans({ request: request({ uid: `${index}` }), observedMs: 0 }),
  ).map(({ spans: [root] }) => root?.traceId ?? '')
  const quarter = createSampler(0.25)
  const taken = ids.filter(quarter)
  expect(taken.length).toBeGreaterThan(400)
  expect(taken.length).toBeLessThan(600)
  expect(ids.filter(createSampler(0.25))).toEqual(taken)
  expect(ids.filter(createSampler(1))).toEqual(ids)
  expect(ids.filter(createSampler(0))).toEqual([])
})
