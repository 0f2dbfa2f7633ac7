import { once } from 'node:events'
import { expect, it } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { connectTo, get } from '../../support/rawClient.ts'
import { startTestServers } from '../../support/testServers.ts'

/** More than the buffers of both ends of a connection take. */
const bodyBytes = 16 * 1024 * 1024
/** Metrics that are another text for each request. */
const metrics = { scrape: () => Promise.resolve({ body: Buffer.alloc(bodyBytes), contentType: 'text/plain' }) }
const scrape = 'GET /metrics HTTP/1.1\r\nhost: localhost\r\naccept-encoding: gzip\r\n\r\n'

it('of the answers that nobody reads, the oldest are cut when there are too many', async () => {
  const { url, getJson } = await startTestServers({ metrics })
  const readers = []
  for (let index = 0; index < 5; index += 1) {
    const reader = await connectTo(url, scrape)
    await once(reader, 'readable')
    readers.push(reader)
  }
  const received = await Promise.all(
    readers.slice(0, 3).map(async (reader) => {
      await once(reader.resume(), 'close')
      return reader.bytesRead
    }),
  )
  for (const bytes of received) expect(bytes).toBeLessThan(bodyBytes)
  for (const reader of readers.slice(3)) {
    reader.resume()
    await eventually(() => expect(reader.bytesRead).toBeGreaterThan(bodyBytes))
  }
  expect(await getJson('/api/v1/status')).toMatchObject({ status: 200 })
})

it('an answer that many have not read is held once, and not cut', async () => {
  const body = Buffer.alloc(bodyBytes)
  const { url } = await startTestServers({
    metrics: { scrape: () => Promise.resolve({ body, contentType: 'text/plain' }) },
  })
  const readers = await Promise.all(Array.from({ length: 20 }, () => connectTo(url, scrape)))
  await Promise.all(readers.map((reader) => once(reader, 'readable')))
  for (const reader of readers) reader.resume()
  await eventually(() => expect(readers.filter(({ bytesRead }) => bytesRead > bodyBytes)).toHaveLength(20))
})

it('an answer loses its connection after 30 s, however slowly it is read', async () => {
  const clock = new ManualClock()
  const { url } = await startTestServers({ metrics, clock })
  const reader = await connectTo(url, scrape)
  await once(reader, 'readable')
  const closed = once(reader, 'close')
  await clock.advance(30_000)
  reader.resume()
  await closed
  expect(reader.bytesRead).toBeLessThan(bodyBytes)
})

it('the probes answer one request to a connection', async () => {
  const { probeUrl } = await startTestServers()
  const socket = await connectTo(probeUrl, get('/healthz'))
  const closed = once(socket, 'close')
  expect(String((await once(socket, 'data'))[0])).toMatch(/connection: close\r\n/i)
  await closed
})
