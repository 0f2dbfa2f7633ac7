import { gzipSync } from 'node:zlib'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { connectMany, connectTo, get } from '../../support/rawClient.ts'
import { startTestServers } from '../../support/testServers.ts'

/** More than the connections that stay open on either port. */
const many = 300

/** Metrics that are given only when `answer` is called, once for each request. */
function heldMetrics() {
  const held: (() => void)[] = []
  return {
    held,
    answer: () => held.shift()?.(),
    metrics: {
      scrape: () => {
        const { promise, resolve } = Promise.withResolvers<{ readonly body: Buffer; readonly contentType: string }>()
        held.push(() => resolve({ body: gzipSync('up 1\n'), contentType: 'text/plain' }))
        return promise
      },
    },
  }
}

const compressed = 'GET /metrics HTTP/1.1\r\nhost: localhost\r\naccept-encoding: gzip\r\n\r\n'

describe('requests that come at once on one connection', () => {
  it('are answered one after the other', async () => {
    const { metrics, held, answer } = heldMetrics()
    const { url, getJson } = await startTestServers({ metrics })
    const socket = await connectTo(url, compressed.repeat(3) + get('/nothing'))
    let received = ''
    socket.setEncoding('utf8').on('data', (text: string) => (received += text))
    const statuses = () => received.match(/HTTP\/1.1 \d+/g) ?? []
    for (const answered of [0, 1, 2]) {
      await eventually(() => expect(held).toHaveLength(1))
      await getJson('/nothing')
      expect([held.length, statuses().length]).toEqual([1, answered])
      answer()
    }
    await eventually(() => expect(statuses()).toHaveLength(4))
    expect(statuses().at(-1)).toBe('HTTP/1.1 404')
  })

  it.each(['/metrics', '/api/v1/svids?limit=1000', '/nothing', '/%zz'])(
    'close it if they are many, and affect nobody else: %s',
    async (path) => {
      const { metrics, held } = heldMetrics()
      const { url, getJson } = await startTestServers({ metrics })
      const sockets = await connectMany(url, 10, compressed + get(path).repeat(1_000))
      await Promise.all(sockets.map((socket) => once(socket.resume(), 'close')))
      expect(held.length).toBeLessThanOrEqual(10)
      expect(await getJson('/api/v1/status')).toMatchObject({ status: 200 })
    },
  )
})

describe.each(['url', 'probeUrl'] as const)('connections that fill all places of %s make room', (port) => {
  const path = port === 'url' ? '/api/v1/status' : '/healthz'

  it.each([
    ['say nothing', ''],
    ['send half a request', 'GET /healthz HTTP/1.1\r\n'],
  ])('at once if they %s', async (_, text) => {
    const servers = await startTestServers()
    await connectMany(servers[port], many, text)
    expect((await fetch(servers[port] + path)).status).toBe(200)
  })
})

it('the connection that was idle for longest makes room first', async () => {
  const { url } = await startTestServers()
  const used = await connectTo(url)
  const [first] = await connectMany(url, 100)
  used.write(get('/nothing'))
  await once(used, 'data')
  const idle = await connectMany(url, 92)
  await once(first?.resume() ?? used, 'close')
  used.write(get('/nothing'))
  await once(used, 'data')
  expect(idle.some(({ readableEnded }) => readableEnded)).toBe(false)
})

it('connections that have sent half a request make room before one whose request is still on its way', async () => {
  const { url } = await startTestServers()
  const [first] = await connectMany(url, 192, 'GET /nothing HTTP/1.1\r\n')
  const late = await connectTo(url)
  await once(first?.resume() ?? late, 'close')
  late.write(get('/nothing'))
  expect(String((await once(late, 'data'))[0])).toMatch(/^HTTP\/1.1 404 /)
})

it('a connection whose request is being answered is not closed for others', async () => {
  const { metrics, held, answer } = heldMetrics()
  const { url } = await startTestServers({ metrics })
  const asking = await connectTo(url, compressed)
  await eventually(() => expect(held).toHaveLength(1))
  await connectMany(url, many)
  await fetch(`${url}/nothing`)
  answer()
  expect(String((await once(asking, 'data'))[0])).toMatch(/^HTTP\/1.1 200 /)
})
