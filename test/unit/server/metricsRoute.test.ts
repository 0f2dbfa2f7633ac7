import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, it, onTestFinished } from 'vitest'
import { createMetrics } from '../../../src/metrics/scrape.ts'
import { eventually } from '../../support/eventually.ts'
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
  const scrape = () => Promise.resolve({ body, contentType: 'text/plain' })
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

it('sends text to a client that does not take it compressed', async () => {
  const scrape = () => Promise.resolve({ body: gzipSync('up 1\n'), contentType: 'text/plain' })
  const { url } = await startTestServers({ metrics: { scrape } })
  const plain = await fetch(`${url}/metrics`, { headers: { 'accept-encoding': 'identity' } })
  expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, 'up 1\n'])
  const head = await fetch(`${url}/metrics`, { method: 'HEAD', headers: { 'accept-encoding': 'identity' } })
  expect([head.status, head.headers.get('content-length')]).toEqual([200, null])
})

/** Text of 64 MB that takes little memory until it is decompressed. */
const long = { body: gzipSync(Buffer.alloc(67_108_864)), contentType: 'text/plain' }
const plainScrape = 'GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n'

async function readersOf(url: string, count: number): Promise<readonly Socket[]> {
  const readers = Array.from({ length: count }, () => connect(Number(new URL(url).port), '127.0.0.1'))
  onTestFinished(() => readers.forEach((reader) => void reader.destroy()))
  await Promise.all(readers.map((reader) => once(reader, 'connect')))
  for (const reader of readers) reader.write(plainScrape)
  return readers
}

it('makes no more text than its readers take', async () => {
  const { url } = await startTestServers({ metrics: { scrape: () => Promise.resolve(long) } })
  const before = process.memoryUsage.rss()
  const readers = await readersOf(url, 2)
  await Promise.all(readers.map((reader) => once(reader, 'readable')))
  for (let asked = 0; asked < 50; asked += 1) await fetch(`${url}/api/v1/status`)
  expect(process.memoryUsage.rss() - before).toBeLessThan(67_108_864)
})

it('lets two clients read text at a time, the others in the order in which they came', async () => {
  const clock = new ManualClock()
  const { url } = await startTestServers({ metrics: { scrape: () => Promise.resolve(long) }, clock })
  const readers = await readersOf(url, 3)
  await eventually(() => expect(readers.filter(({ readableLength }) => readableLength > 0)).toHaveLength(2))
  await clock.advance(2_000)
  await eventually(() => expect(readers.filter(({ readableLength }) => readableLength > 0)).toHaveLength(3))
})

it('refuses text to clients that have waited for 5 s, and compressed text to none', async () => {
  const clock = new ManualClock()
  const scraped = Promise.withResolvers<typeof long>()
  const { url } = await startTestServers({ metrics: { scrape: () => scraped.promise }, clock })
  const readers = await readersOf(url, 12)
  const answers = readers.map((reader) => once(reader.setEncoding('utf8'), 'data'))
  await fetch(`${url}/api/v1/nothing`)
  await clock.advance(5_000)
  const refusals = await Promise.all(answers.slice(6))
  for (const [text] of refusals) expect(text).toMatch(/^HTTP\/1.1 503 [^]*retry-after: 1\r\n[^]*"overloaded"/)
  const compressed = fetch(`${url}/metrics`)
  scraped.resolve({ ...long, body: gzipSync('up 1\n') })
  expect(await (await compressed).text()).toBe('up 1\n')
})

it('a scrape whose text fails before its first byte is refused with the documented error', async () => {
  const damaged = { body: Buffer.from('this is no gzip'), contentType: 'text/plain' }
  const { url } = await startTestServers({ metrics: { scrape: () => Promise.resolve(damaged) } })
  const response = await fetch(`${url}/metrics`, { headers: { 'accept-encoding': 'identity' } })
  expect(response.status).toBe(500)
  expect(await response.json()).toMatchObject({ error: { code: 'internal' } })
})
