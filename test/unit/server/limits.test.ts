import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ManualClock } from '../../support/manualClock.ts'
import { startTestServers } from '../../support/testServers.ts'
import { eventually } from '../../support/eventually.ts'

/** More than the buffers of both ends of a connection take. */
const body = Buffer.alloc(16 * 1024 * 1024)
const metrics = { scrape: () => Promise.resolve({ body, contentType: 'text/plain' }) }
const scrape = 'GET /metrics HTTP/1.1\r\nhost: svidwatch\r\n\r\n'

/** A connection of somebody who sends this and reads nothing. */
async function connectTo(url: string, sends = ''): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  socket.write(sends)
  return socket
}

describe('answers of /metrics that nobody reads', () => {
  it.each([
    ['on a connection each', 16, scrape],
    ['one behind the other on one connection', 1, scrape.repeat(16)],
  ])('are 16 at most, and make room when their connections end: %s', async (_, connections, sends) => {
    const { url } = await startTestServers({ metrics })
    const readers = await Promise.all(Array.from({ length: connections }, () => connectTo(url, sends)))
    const status = async () => {
      const response = await fetch(`${url}/metrics`, { method: 'HEAD' })
      return response.status
    }
    await eventually(async () => expect(await status()).toBe(503))

    const refused = await fetch(`${url}/metrics`)
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(await refused.json()).toEqual({
      error: { code: 'overloaded', message: '16 scrapes of /metrics are in progress; try again in a second' },
    })
    expect((await fetch(`${url}/api/v1/status`)).status).toBe(200)

    for (const reader of readers) reader.destroy()
    await eventually(async () => expect(await status()).toBe(200))
  })

  it('lose their connection after 30 s, however slowly they are read', async () => {
    const clock = new ManualClock()
    const { url } = await startTestServers({ metrics, clock })
    const reader = await connectTo(url, scrape)
    await once(reader, 'readable')
    const closed = once(reader, 'close')
    await clock.advance(30_000)
    reader.resume()
    await closed
    expect(reader.bytesRead).toBeLessThan(body.length)
  })
})

it('the main port takes 64 connections', async () => {
  const { url } = await startTestServers()
  const sockets = await Promise.all(Array.from({ length: 65 }, () => connectTo(url)))
  await eventually(() => expect(sockets.filter(({ readableEnded }) => readableEnded)).toHaveLength(1))
})

describe('the probes', () => {
  it('answer one request to a connection', async () => {
    const { probeUrl } = await startTestServers()
    expect((await fetch(`${probeUrl}/healthz`)).headers.get('connection')).toBe('close')
  })

  it.each([
    ['say nothing', ''],
    ['send half a request', 'GET /healthz HTTP/1.1\r\n'],
  ])('answer soon although somebody has opened all connections to %s', { timeout: 10_000 }, async (_, sends) => {
    const { probeUrl } = await startTestServers()
    await Promise.all(Array.from({ length: 256 }, () => connectTo(probeUrl, sends)))
    const probe = () => fetch(`${probeUrl}/healthz`).then(({ status }) => status)
    await expect(probe()).rejects.toThrow('fetch failed')
    await vi.waitFor(async () => expect(await probe()).toBe(200), { timeout: 5_000, interval: 100 })
  })
})
