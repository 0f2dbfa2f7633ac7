import { gzipSync } from 'node:zlib'
import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { createLog } from '../../../src/log/log.ts'
import { createHttp } from '../../../src/server/http.ts'
import { fakeLedger } from '../../support/fakeLedger.ts'
import { fakeDiagnoses } from '../../support/fakeDiagnoses.ts'
import { startTestServers } from '../../support/testServers.ts'

const portOf = (url: string) => Number(new URL(url).port)

/** Sends `request` as it is and resolves with everything that comes back until the connection ends, well or badly. */
async function sendRaw(url: string, request: string): Promise<string> {
  const socket = connect(portOf(url), '127.0.0.1').setEncoding('utf8')
  let received = ''
  socket.on('data', (text: string) => (received += text)).on('error', () => undefined)
  socket.write(request)
  await new Promise((resolve) => socket.on('close', resolve))
  return received
}

describe('every answer', () => {
  it.each(['/', '/metrics', '/api/v1/svids', '/api/v1/status', '/nowhere', '/%zz', '/api/v1/svids?limit=0'])(
    'forbids guessing its type and keeping it: %s',
    async (path) => {
      const { url } = await startTestServers()
      const { headers } = await fetch(url + path)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-powered-by')).toBeNull()
    },
  )
})

describe('GET /', () => {
  it('lists what there is', async () => {
    const { url } = await startTestServers({ diagnoses: fakeDiagnoses() })
    const response = await fetch(url)
    const text = await response.text()
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(text).toContain('svidwatch 1.2.3')
    expect(text).toContain('/api/v1/problems')
    for (const path of text.match(/^\/\S+/gm) ?? []) expect((await fetch(url + path)).status, path).toBe(200)
  })

  it('leaves out problems where nothing is judged', async () => {
    const { url } = await startTestServers()
    expect(await (await fetch(url)).text()).not.toContain('/api/v1/problems')
  })
})

describe('a request that cannot be answered', () => {
  it('is 404 where there is nothing', async () => {
    const { getJson } = await startTestServers()
    expect(await getJson('/api/v1/nothing?secret=1')).toEqual({
      status: 404,
      body: {
        error: {
          code: 'not_found',
          message:
            'no such path: /api/v1/nothing; /metrics and /api/v1 are served on server.port, /healthz and /readyz on server.probePort',
        },
      },
    })
  })

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('is 405 for %s, whatever it carries', async (method) => {
    const { url } = await startTestServers()
    const body = method === 'OPTIONS' ? null : '{'
    const response = await fetch(`${url}/api/v1/svids`, {
      method,
      body,
      headers: { 'content-type': 'application/json' },
    })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD')
    expect(await response.json()).toEqual({
      error: { code: 'method_not_allowed', message: `${method} is not supported; use GET` },
    })
  })

  it('is 400 for a path that is no path', async () => {
    const { getJson } = await startTestServers()
    expect(await getJson('/%zz')).toMatchObject({ status: 400, body: { error: { code: 'bad_request' } } })
  })

  it.each([
    ['it is no HTTP', 'HELLO\r\n\r\n', 400, 'bad_request', 'the request is not HTTP/1.1'],
    ['it has no Host', 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'bad_request', 'the Host header is missing'],
    [
      'its headers have no end',
      `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(17_000)}\r\n\r\n`,
      431,
      'headers_too_large',
      'the headers have more than 16 KiB',
    ],
  ])('is refused like any other when %s', async (_, request, status, code, message) => {
    const { url, probeUrl, getJson } = await startTestServers()
    for (const port of [url, probeUrl]) {
      const [head = '', body = ''] = (await sendRaw(port, request)).split('\r\n\r\n')
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
      expect(head.toLowerCase()).toContain('content-type: application/json; charset=utf-8')
      expect(head).toContain('x-content-type-options: nosniff')
      expect(head).toContain('cache-control: no-store')
      expect(JSON.parse(body)).toEqual({ error: { code, message } })
    }
    expect(await getJson('/api/v1/svids')).toMatchObject({ status: 200 })
  })

  it('is refused in the same way when it does not arrive in time', async () => {
    const log = createLog({ level: 'error', format: 'json', clock: systemClock })
    const limits = { connections: 1, requestMs: 100, idleMs: 30_000, keepAliveMs: 30_000 }
    const http = createHttp(log, systemClock, '127.0.0.1', limits)
    onTestFinished(() => http.close())
    const url = await http.listen({ host: '127.0.0.1', port: 0 })
    const [head = '', body = ''] = (await sendRaw(url, 'GET / HTTP/1.1\r\n')).split('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1.1 408 /)
    expect(head).toContain('x-content-type-options: nosniff')
    expect(JSON.parse(body)).toEqual({
      error: { code: 'request_timeout', message: 'the request did not arrive in time' },
    })
  })

  it('is answered whatever it expects', async () => {
    const { url } = await startTestServers()
    const request = 'GET /nothing HTTP/1.1\r\nhost: localhost\r\nexpect: a miracle\r\nconnection: close\r\n\r\n'
    expect(await sendRaw(url, request)).toMatch(/^HTTP\/1.1 404 [^]*"not_found"/)
  })

  it('gets no answer behind one that is on its way', async () => {
    const answered = Promise.withResolvers<{ readonly body: Buffer; readonly contentType: string }>()
    const { url } = await startTestServers({ metrics: { scrape: () => answered.promise } })
    expect(await sendRaw(url, 'GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\nHELLO\r\n\r\n')).toBe('')
    answered.resolve({ body: gzipSync('up 1\n'), contentType: 'text/plain' })
  })

  it('is 500 without the reason, which is in the log, when svidwatch is at fault', async () => {
    const sources = () => {
      throw new Error('secret detail')
    }
    const { getJson, logged } = await startTestServers({ ledger: { ...fakeLedger(), sources } })
    expect(await getJson('/api/v1/status')).toEqual({
      status: 500,
      body: { error: { code: 'internal', message: 'the request failed; the log of svidwatch has the reason' } },
    })
    expect(logged).toMatchObject([{ event: 'request_failed', message: 'GET /api/v1/status: secret detail' }])
  })
})

describe('the probes', () => {
  it('are at a port of their own', async () => {
    const { url, probeUrl } = await startTestServers()
    expect((await fetch(`${url}/healthz`)).status).toBe(404)
    expect((await fetch(`${probeUrl}/metrics`)).status).toBe(404)
  })

  it('say ok while the process answers', async () => {
    const { probeUrl } = await startTestServers({ readiness: { ready: () => false, waitingFor: () => ['pods'] } })
    const response = await fetch(`${probeUrl}/healthz`)
    expect([response.status, await response.text()]).toEqual([200, 'ok\n'])
  })

  it('say for which sources the first scrape must wait', async () => {
    const waiting = ['certificateRequests', 'pods']
    const readiness = { ready: () => waiting.length === 0, waitingFor: () => waiting }
    const { probeUrl } = await startTestServers({ readiness })
    const early = await fetch(`${probeUrl}/readyz`)
    expect([early.status, await early.text()]).toEqual([503, 'waiting for certificateRequests, pods\n'])
    waiting.length = 0
    const late = await fetch(`${probeUrl}/readyz`)
    expect([late.status, await late.text()]).toEqual([200, 'ready\n'])
  })
})

describe('a port that cannot be had', () => {
  it('is named with its setting and what to do', async () => {
    const port = portOf((await startTestServers()).url)
    await expect(startTestServers({ port })).rejects.toMatchObject({
      code: 'cannot_listen',
      message: `cannot listen on 127.0.0.1:${port} (server.port): the port is in use: stop the program that uses it, or set another port`,
    })
  })

  it('leaves nothing open', async () => {
    const first = await startTestServers()
    const [port, probePort] = [portOf(first.url), portOf(first.probeUrl)]
    await first.close()
    const second = await startTestServers({ probePort })
    await expect(startTestServers({ port, probePort })).rejects.toThrow(`127.0.0.1:${probePort} (server.probePort)`)
    await second.close()
    expect((await startTestServers({ port, probePort })).url).toBe(`http://127.0.0.1:${port}`)
  })

  it('is one of an address that this machine does not have', async () => {
    await expect(startTestServers({ address: '192.0.2.1' })).rejects.toThrow(
      'cannot listen on 192.0.2.1:0 (server.port): this machine has no such address: set another server.address',
    )
  })
})

describe('closing', () => {
  it('takes less than a second with idle connections, half a request and an answer that never comes', async () => {
    const metrics = { scrape: () => new Promise<never>(() => undefined) }
    const { url, close } = await startTestServers({ metrics })
    const agent = new Agent({ keepAlive: true })
    const [idle] = (await once(get(`${url}/`, { agent }), 'response')) as [IncomingMessage]
    await idle.resume().toArray()
    const halfRequest = connect(portOf(url), '127.0.0.1')
    halfRequest.write('GET / HTTP/1.1\r\n')
    const unanswered = fetch(`${url}/metrics`).catch((error: unknown) => error)
    await fetch(`${url}/`)

    const startMs = systemClock.now()
    await close()
    expect(systemClock.now() - startMs).toBeLessThan(1_000)
    expect(await unanswered).toBeInstanceOf(Error)
    await expect(fetch(url)).rejects.toThrow('fetch failed')
    halfRequest.destroy()
    agent.destroy()
  })

  it('lets a request under way finish', async () => {
    const begun = Promise.withResolvers<undefined>()
    const answered = Promise.withResolvers<{ readonly body: Buffer; readonly contentType: string }>()
    const scrape = () => {
      begun.resolve(undefined)
      return answered.promise
    }
    const { url, close } = await startTestServers({ metrics: { scrape } })
    const response = fetch(`${url}/metrics`)
    await begun.promise
    const closing = close()
    answered.resolve({ body: gzipSync('up 1\n'), contentType: 'text/plain' })
    expect(await (await response).text()).toBe('up 1\n')
    await closing
  })

  it('may be asked for twice', async () => {
    const { close } = await startTestServers()
    await Promise.all([close(), close()])
    await close()
  })
})
