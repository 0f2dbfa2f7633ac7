import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { SvidwatchError } from '../../../src/errors.ts'
import { ask, checkStatus, within } from '../../../src/http/ask.ts'
import { readText } from '../../../src/http/readBody.ts'
import { ManualClock } from '../../support/manualClock.ts'

/** Asks a server that sends these bytes, within a second, for a text. */
async function answerTo(send: (socket: Socket) => void, signal?: AbortSignal) {
  const server = createServer((socket) => socket.on('error', () => undefined).once('data', () => send(socket)))
  onTestFinished(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const clock = new ManualClock()
  const take = async (response: IncomingMessage) => {
    await checkStatus(response, (status) => status === 200, 10)
    return readText(response, 100)
  }
  const answer = within({ clock, ms: 1000, signal }, (limit) =>
    ask({ host: '127.0.0.1', port, headers: {}, agent: false, signal: limit }, take),
  )
  answer.catch(() => undefined)
  return { answer, clock, server }
}

const head = 'HTTP/1.1 200 OK\r\nconnection: close\r\n'
const says = (text: string) => (socket: Socket) => void socket.end(text)

test('an answer is what is made of it', async () => {
  const { answer } = await answerTo(says(`${head}\r\nyes`))
  expect(await answer).toBe('yes')
})

test.each<[string, (socket: Socket) => void, object]>([
  ['that never comes', (socket) => socket.destroy(), { code: 'unreachable', message: 'socket hang up' }],
  [
    'to another question',
    (socket) => socket.end('HTTP/1.1 101 Other\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    { code: 'unreachable', message: 'the connection was closed without an answer' },
  ],
  [
    'that breaks off while its body is read',
    says(`${head}transfer-encoding: chunked\r\n\r\nno chunk`),
    { code: 'unreachable', message: expect.stringMatching(/^Parse Error/) as string },
  ],
  [
    'that is too long',
    says(`${head}\r\n${'x'.repeat(101)}`),
    { code: 'protocol', message: 'the answer is longer than 100 bytes' },
  ],
  [
    'that says no',
    says('HTTP/1.1 429 Slow\r\nretry-after: 7\r\nconnection: close\r\n\r\nlater'),
    { code: 'throttled', message: 'status 429', status: 429, body: 'later', retryAfterMs: 7000 },
  ],
  [
    'that says no at length',
    says(`HTTP/1.1 503 No\r\nconnection: close\r\n\r\n${'x'.repeat(11)}`),
    { code: 'server_error', status: 503, body: '', retryAfterMs: undefined },
  ],
])('an answer %s is none', async (_, send, failure) => {
  const { answer } = await answerTo(send)
  await expect(answer).rejects.toMatchObject(failure)
})

test('an answer that takes too long is none', async () => {
  const { answer, clock, server } = await answerTo((socket) => socket.write(`${head}\r\nhalf`))
  await once(server, 'connection')
  await clock.advance(1000)
  await expect(answer).rejects.toMatchObject({ code: 'timeout', message: 'no answer within 1000 ms' })
})

test('to give up throws why', async () => {
  const end = new AbortController()
  const { answer, server } = await answerTo(() => undefined, end.signal)
  await once(server, 'connection')
  end.abort(new Error('enough'))
  await expect(answer).rejects.toThrow('enough')
})

test.each<[string, Error, object]>([
  ['on purpose stays what it is', new SvidwatchError('tls_expired', 'too old'), { code: 'tls_expired' }],
  ['by a parser is the fault of whoever answers', new SyntaxError('no JSON'), { code: 'protocol', message: 'no JSON' }],
  [
    'for each address of a name is told for each',
    new AggregateError([new Error('refused'), new Error('no\u001b[2Jroute')]),
    { code: 'unreachable', message: 'refused; no [2Jroute' },
  ],
])('what is thrown %s', async (_, thrown, failure) => {
  const failing = within({ clock: new ManualClock(), ms: 1000 }, () => Promise.reject(thrown))
  await expect(failing).rejects.toMatchObject(failure)
})
