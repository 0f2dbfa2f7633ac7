import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createClientFromText } from '../../../src/kubernetes/client.ts'
import type { OverlongLine } from '../../../src/http/lineSplitter.ts'
import { KubernetesError } from '../../../src/kubernetes/kubernetesError.ts'
import { processMemoryBytes, sharesFor } from '../../../src/kubernetes/listBudget.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { eventually } from '../../support/eventually.ts'

/** A client, and the server that it talks to, below the path that some clusters are served at. */
async function connect(listener: RequestListener, address = '127.0.0.1') {
  const server = createServer(listener).listen(0, address)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const clock = new ManualClock()
  const client = createClientFromText(
    kubeconfig(`http://${address.includes(':') ? `[${address}]` : address}:${port}/clusters/one/`),
    clock,
  )
  const close = () => {
    client.close()
    server.closeAllConnections()
    server.close()
  }
  onTestFinished(close)
  return { client, clock, server, close }
}

const kubeconfig = (server: string) => `
clusters: [{name: c, cluster: {server: "${server}"}}]
users: [{name: u, user: {token: secret-token}}]
contexts: [{name: here, context: {cluster: c, user: u}}]
current-context: here`

async function failure(promise: Promise<unknown>): Promise<KubernetesError> {
  const thrown: unknown = await promise.catch((error: unknown) => error)
  if (thrown instanceof KubernetesError) return thrown
  throw new Error(`expected a KubernetesError, got ${String(thrown)}`)
}

/** Of an overlong line only the length of its head is collected. */
async function collect(lines: AsyncIterable<string | OverlongLine>): Promise<(string | number)[]> {
  const collected: (string | number)[] = []
  for await (const line of lines) collected.push(typeof line === 'string' ? line : line.head.length)
  return collected
}

describe('a request', () => {
  test('is sent to an API server with an IPv6 address, and names it in the Host header', async () => {
    const { client } = await connect((request, response) => response.end(JSON.stringify(request.headers.host)), '::1')
    expect(await client.request('GET', '/api')).toMatch(/^\[::1\]:\d+$/)
    expect(client.describe()).toMatch(/^http:\/\/\[::1\]:\d+\/clusters\/one /)
  })

  test('carries query, body and credentials, and is answered with parsed JSON', async () => {
    const { client } = await connect((request, response) => {
      void text(request).then((body) => {
        const { method, url, headers } = request
        response.end(JSON.stringify({ method, url, body, type: headers['content-type'], by: headers.authorization }))
      })
    })
    const options = {
      query: { limit: '5', continue: 'a/b=' },
      body: { a: 1 },
      contentType: 'application/merge-patch+json',
    }
    expect(await client.request('PATCH', '/api/v1/pods', options)).toEqual({
      method: 'PATCH',
      url: '/clusters/one/api/v1/pods?limit=5&continue=a%2Fb%3D',
      body: '{"a":1}',
      type: 'application/merge-patch+json',
      by: 'Bearer secret-token',
    })
  })

  test('uses the connection of the one before', async () => {
    const ports = new Set<number | undefined>()
    const { client } = await connect((request, response) => {
      ports.add(request.socket.remotePort)
      response.end('{}')
    })
    for (let count = 0; count < 3; count += 1) await client.request('GET', '/version')
    expect(ports.size).toBe(1)
  })

  test.each([
    [400, 'protocol'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [409, 'conflict'],
    [410, 'expired'],
    [429, 'throttled'],
    [500, 'server_error'],
    [504, 'server_error'],
    [302, 'protocol'],
  ])('that is answered with %i fails as %s, in the words of the API server', async (status, code) => {
    const body = JSON.stringify({ kind: 'Status', message: 'pods "a" said\nno\u001b[31m' })
    const { client } = await connect((_request, response) => response.writeHead(status).end(body))
    const error = await failure(client.request('GET', '/api/v1/pods/a'))
    expect(error).toMatchObject({ code, status })
    expect(error.message).toBe(`GET /api/v1/pods/a: status ${status}: pods "a" said no [31m`)
  })

  const status = (message: string, details: object) =>
    JSON.stringify({ kind: 'Status', reason: 'NotFound', message, details, code: 404 })
  test.each([
    ['a resource', 'resource', '404 page not found\n'],
    ['a resource', 'resource', status('the server could not find the requested resource', {})],
    ['an object', 'object', status('pods "a" not found', { name: 'a', kind: 'pods' })],
    ['nothing that it knows', undefined, 'default backend - 404'],
    ['nothing that it knows', undefined, '<html><body>404 page not found</body></html>'],
    ['nothing that it knows', undefined, '{"type":"error","status":404,"message":"no such cluster"}'],
    ['nothing that it knows', undefined, ''],
  ])('that is answered with 404 is about %s that is missing (%s): %j', async (_, missing, body) => {
    const { client } = await connect((_request, response) => response.writeHead(404).end(body))
    expect((await failure(client.request('GET', '/api/v1/pods/a'))).missing).toBe(missing)
  })

  test.each([
    { header: '7', expected: 7000 },
    { header: 'Wed, 21 Oct 2026 07:28:00 GMT', expected: undefined },
    { header: '-1', expected: undefined },
  ])('that is to be made later says when (Retry-After: $header)', async ({ header, expected }) => {
    const { client } = await connect((_request, response) =>
      response.writeHead(429, { 'retry-after': header }).end('slow down'),
    )
    const error = await failure(client.request('GET', '/api/v1/pods'))
    expect(error.retryAfterMs).toBe(expected)
    expect(error.message).toBe('GET /api/v1/pods: status 429: slow down')
  })

  test('is bounded in the length of its answer, and of what it tells of a refusal', async () => {
    const { client } = await connect((request, response) => {
      response.writeHead(request.url?.includes('no') ? 500 : 200).end(JSON.stringify('x'.repeat(5000)))
    })
    const tooLong = await failure(client.request('GET', '/api/yes', { maxBytes: 4999 }))
    expect(tooLong).toMatchObject({ code: 'protocol', message: 'GET /api/yes: the answer is longer than 4999 bytes' })
    expect((await failure(client.request('GET', '/api/no'))).message.length).toBeLessThan(400)
  })

  const cutOff: RequestListener = (_request, response) => response.socket?.destroy()
  const halfSent: RequestListener = (_request, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('{', () => response.socket?.destroy())
  }
  const noJson: RequestListener = (_request, response) => response.end('<html>')
  test.each([
    { what: 'no JSON', listener: noJson, code: 'protocol' },
    { what: 'cut off', listener: cutOff, code: 'unreachable' },
    { what: 'half', listener: halfSent, code: 'unreachable' },
  ])('whose answer is $what fails as $code', async ({ listener, code }) => {
    const { client } = await connect(listener)
    expect((await failure(client.request('GET', '/api'))).code).toBe(code)
  })

  test('to nobody fails as unreachable', async () => {
    const { client, close } = await connect(() => undefined)
    close()
    const error = await failure(client.request('GET', '/api'))
    expect(error.code).toBe('unreachable')
    expect(error.message).toContain('ECONNREFUSED')
  })

  test.each([
    { what: 'the answer does not begin', write: false },
    { what: 'the answer does not end', write: true },
  ])('fails as timeout where $what', async ({ write }) => {
    const { client, clock, server } = await connect((_request, response) => {
      if (write) response.writeHead(200).write('{')
    })
    const failed = failure(client.request('GET', '/api', { timeoutMs: 5000 }))
    await once(server, 'request')
    await clock.advance(5000)
    expect(await failed).toMatchObject({ code: 'timeout', message: 'GET /api: no answer within 5000 ms' })
  })

  test('that is given up throws why', async () => {
    const { client, server } = await connect(() => undefined)
    const end = new AbortController()
    const request = client.request('GET', '/api', { signal: end.signal })
    await once(server, 'request')
    end.abort(new Error('enough'))
    await expect(request).rejects.toThrow('enough')
    await expect(client.request('GET', '/api', { signal: end.signal })).rejects.toThrow('enough')
  })
})

describe('a stream', () => {
  const signal = new AbortController().signal

  test('gives its lines, however they are cut into pieces', async () => {
    const bytes = Buffer.from('{"a":"ä€"}\n\n{"b":2}\n')
    const { client } = await connect((_request, response) => {
      response.socket?.setNoDelay()
      void (async () => {
        for (const byte of bytes) await new Promise((written) => response.write(Buffer.of(byte), written))
        response.end()
      })()
    })
    expect(await collect(await client.lines('/api', { signal }))).toEqual(['{"a":"ä€"}', '', '{"b":2}'])
  })

  test('fails where it ends in the middle of a line', async () => {
    const { client } = await connect((_request, response) => response.end('one\ntw'))
    const lines: unknown[] = []
    const reading = async () => {
      for await (const line of await client.lines('/api', { signal })) lines.push(line)
    }
    expect(await failure(reading())).toMatchObject({
      code: 'protocol',
      message: 'GET /api: the stream ended in the middle of a line',
    })
    expect(lines).toEqual(['one'])
  })

  test('fails where a line has no end', async () => {
    const { client } = await connect((_request, response) => {
      const piece = Buffer.alloc(1024 * 1024, 'x')
      const write = (error?: Error | null) => error ?? (response.destroyed || response.write(piece, write))
      write()
    })
    const error = await failure(collect(await client.lines('/api', { signal })))
    expect(error).toMatchObject({ code: 'protocol', message: 'GET /api: a line is longer than 67108864 bytes' })
  })

  test('waits with a long line until others hold less', async () => {
    const long = 'x'.repeat(256 * 1024)
    const sent = Promise.withResolvers<undefined>()
    const { client } = await connect((_request, response) => {
      response.end(`short\n${long}\n`, () => sent.resolve(undefined))
    })
    const shares = sharesFor(processMemoryBytes())
    const releases = await Promise.all(Array.from({ length: shares }, () => client.budget.take(signal)))
    const lines = (await client.lines('/api', { signal }))[Symbol.asyncIterator]()
    expect(await lines.next()).toEqual({ done: false, value: 'short' })
    let isReleased = false
    const last = lines.next().then((line) => ({ line, isReleased }))
    await sent.promise
    isReleased = true
    for (const release of releases) release()
    expect(await last).toEqual({ line: { done: false, value: long }, isReleased: true })
    expect(await lines.next()).toMatchObject({ done: true })
    await Promise.all(releases.map(() => client.budget.take(signal)))
  })

  test('that is refused fails before it begins', async () => {
    const { client } = await connect((_request, response) => response.writeHead(403).end('{"message":"no right"}'))
    const error = await failure(client.lines('/api', { signal }))
    expect(error).toMatchObject({ code: 'forbidden', message: 'GET /api: status 403: no right' })
  })

  test('has 30 s to begin, and then all the time that its signal gives it', async () => {
    const { client, clock, server } = await connect((request, response) => {
      if (request.url?.endsWith('/live')) response.writeHead(200).flushHeaders()
    })
    const late = failure(client.lines('/late', { signal }))
    await once(server, 'request')
    await clock.advance(30_000)
    expect((await late).code).toBe('timeout')

    const end = new AbortController()
    const live = await client.lines('/live', { signal: end.signal })
    const broken = failure(collect(live))
    await clock.advance(3_600_000)
    end.abort(new DOMException('no answer within 1 ms', 'TimeoutError'))
    expect((await broken).code).toBe('timeout')
  })

  test('is closed when nobody reads it any more', async () => {
    let isOpen = false
    const { client } = await connect((request, response) => {
      isOpen = true
      request.on('close', () => (isOpen = false))
      response.write('one\ntwo\n')
    })
    for await (const line of await client.lines('/api', { signal })) {
      expect(line).toBe('one')
      break
    }
    await eventually(() => expect(isOpen).toBe(false))
  })

  test('is cut when the client is closed', async () => {
    const { client } = await connect((_request, response) => response.writeHead(200).flushHeaders())
    const broken = failure(collect(await client.lines('/api', { signal })))
    client.close()
    expect((await broken).code).toBe('unreachable')
  })
})
