import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import https, { type RequestOptions } from 'node:https'
import { deadline, type Clock } from '../clock.ts'
import { HttpError, httpErrorOf, StatusError } from './httpError.ts'
import { readText } from './readBody.ts'

/** A silent connection is probed after this long, so that a half-open connection is noticed. */
const tcpKeepAliveMs = 30_000

/** A time limit in ms, and a signal that may abort earlier. */
export interface TimeLimit {
  readonly clock: Clock
  readonly ms: number
  readonly signal?: AbortSignal | undefined
}

/** Runs `work` within a time limit, and aborts its signal when the time is up. Throws HttpError (`httpErrorOf`). */
export async function within<Result>(
  { clock, ms, signal }: TimeLimit,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const limit = deadline(clock, ms, signal)
  try {
    return await work(limit.signal)
  } catch (thrown) {
    throw httpErrorOf(thrown, limit.signal)
  } finally {
    limit.cancel()
  }
}

/** The options of node:http or, if `protocol` is https:, of node:https. The header `user-agent` is added. */
export type AskOptions = Omit<RequestOptions, 'headers'> & { readonly headers: OutgoingHttpHeaders }

/**
 * Sends one request, passes the answer to `take` once its headers have arrived, and returns the result of `take`. Redirects are
 * not followed. Throws the errors of node:http and of `take`. An answer that node:http cannot parse causes an error of the
 * request, also while `take` reads the body.
 */
export function ask<Result>(
  options: AskOptions,
  take: (response: IncomingMessage) => Promise<Result>,
  body?: string,
): Promise<Result> {
  const { request } = options.protocol === 'https:' ? https : http
  return new Promise((resolve, reject) => {
    const closed = () => reject(new HttpError('unreachable', 'the connection was closed without an answer'))
    const clientRequest = request({ ...options, headers: { 'user-agent': 'svidwatch', ...options.headers } })
    clientRequest.once('response', (response) => {
      clientRequest.removeListener('close', closed)
      take(response).then(resolve, reject)
    })
    clientRequest.on('socket', (socket) => socket.setKeepAlive(true, tcpKeepAliveMs))
    clientRequest.on('error', reject)
    clientRequest.once('close', closed)
    clientRequest.end(body)
  })
}

/** Throws a StatusError, with the body, unless the status of the answer is `expected`. */
export async function checkStatus(
  response: IncomingMessage,
  expected: (status: number) => boolean,
  maxBodyBytes: number,
): Promise<void> {
  const { statusCode = 0, headers } = response
  if (expected(statusCode)) return
  const body = await readText(response, maxBodyBytes).catch(() => '')
  throw new StatusError(statusCode, body, retryAfterMsOf(headers['retry-after']))
}

/** Servers send whole seconds. */
function retryAfterMsOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) * 1000 : undefined
}
