import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createMetrics } from '../../../src/metrics/scrape.ts'
import { fakeDiagnoses } from '../../support/fakeDiagnoses.ts'
import { fakeLedger, svidView } from '../../support/fakeLedger.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { startTestServers } from '../../support/testServers.ts'

const realMetrics = () =>
  createMetrics({
    ledger: fakeLedger({ svids: [svidView()] }),
    diagnoses: fakeDiagnoses(),
    clock: new ManualClock(),
    limits: { maxSeries: 100 },
    build: { version: '1.2.3', nodeVersion: 'v24.0.0', roles: ['cluster'] },
    sources: ['certificateRequests'],
  })

it.each([
  ['text/plain', 'text/plain; version=0.0.4; charset=utf-8', /^# HELP /],
  [
    'application/openmetrics-text; version=1.0.0',
    'application/openmetrics-text; version=1.0.0; charset=utf-8',
    /# EOF\n$/,
  ],
])('answers Accept: %s', async (accept, contentType, content) => {
  const { url } = await startTestServers({ metrics: realMetrics() })
  const response = await fetch(`${url}/metrics`, { headers: { accept } })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe(contentType)
  const text = await response.text()
  expect(text).toMatch(content)
  expect(text).toContain('spire_svid_expiry_seconds{')
})

it.each([
  ['gzip', 'gzip'],
  ['identity', null],
])('answers Accept-Encoding: %s', async (acceptEncoding, contentEncoding) => {
  const { url } = await startTestServers({ metrics: realMetrics() })
  const response = await fetch(`${url}/metrics`, { headers: { 'accept-encoding': acceptEncoding } })
  expect(response.headers.get('content-encoding')).toBe(contentEncoding)
  expect(response.headers.get('vary')).toBe('accept, accept-encoding')
  expect(await response.text()).toContain('spire_svid_expiry_seconds{')
})

it('sends compressed bytes as they are', async () => {
  const body = gzipSync('up 1\n')
  const scrape = () => Promise.resolve({ body, contentType: 'text/plain', contentEncoding: 'gzip' as const })
  const { url } = await startTestServers({ metrics: { scrape } })
  const response = await fetch(`${url}/metrics`)
  expect(response.headers.get('content-length')).toBe(String(body.length))
  expect(await response.text()).toBe('up 1\n')
})

it('answers a failure with 500, so that Prometheus shows the target as down, and logs the reason', async () => {
  const scrape = () => Promise.reject(new Error('out of memory'))
  const { url, logged } = await startTestServers({ metrics: { scrape } })
  const response = await fetch(`${url}/metrics`)
  expect(response.status).toBe(500)
  expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(await response.text()).toBe('the metrics cannot be rendered; the log of svidwatch has the reason\n')
  expect(logged).toMatchObject([{ level: 'error', event: 'scrape_failed', message: 'GET /metrics: out of memory' }])
})

it('cuts off an answer that cannot be given to its end, and logs the reason', async () => {
  function* half() {
    yield Buffer.from('# HELP up\n')
    throw new Error('out of memory')
  }
  const scrape = () => Promise.resolve({ body: Readable.from(half()), contentType: 'text/plain' })
  const { url, logged } = await startTestServers({ metrics: { scrape } })
  await expect(fetch(`${url}/metrics`).then((response) => response.text())).rejects.toThrow()
  expect(logged).toMatchObject([{ level: 'error', event: 'scrape_failed', message: 'GET /metrics: out of memory' }])
})

it('makes no more text than its reader takes, and ends when the reader is gone', async () => {
  let pieces = 0
  let hasEnded = false
  function* endless() {
    try {
      for (;;) {
        pieces += 1
        yield Buffer.alloc(65_536)
      }
    } finally {
      hasEnded = true
    }
  }
  const scrape = () => Promise.resolve({ body: Readable.from(endless()), contentType: 'text/plain' })
  const { url, logged } = await startTestServers({ metrics: { scrape } })
  const reader = connect(Number(new URL(url).port), '127.0.0.1', () => {
    reader.write('GET /metrics HTTP/1.1\r\nhost: svidwatch\r\n\r\n')
  })
  onTestFinished(() => void reader.destroy())
  await once(reader, 'readable')
  const standsStill = async () => {
    const before = pieces
    await fetch(`${url}/api/v1/status`)
    return pieces === before
  }
  await vi.waitFor(async () => expect(await standsStill()).toBe(true), { timeout: 10_000 })
  expect(hasEnded).toBe(false)
  reader.destroy()
  await vi.waitFor(() => expect(hasEnded).toBe(true), { timeout: 10_000 })
  expect(logged).toEqual([])
})
