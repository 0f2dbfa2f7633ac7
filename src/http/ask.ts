import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import https, { type RequestOptions } from 'node:https'
import { deadline, type Clock } from '../clock.ts'
import { HttpError, httpErrorOf, StatusError } from './httpError.ts'
import { readText } from './readBody.ts'

/** A silent connection is probed after this long, so that a half-dead one is noticed. */
const tcpKeepAliveMs = 30_000

/** How long something may take, and what ends it before. */
export interface TimeLimit {
  readonly clock: Clock
  readonly ms: number
  readonly signal?: AbortSignal | undefined
}

/** Runs requests that all have to be done within a time. Throws HttpError (`httpErrorOf`). */
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

/** As node:http or, where `protocol` says so, node:https takes them; `user-agent` is there already. */
export type AskOptions = Omit<RequestOptions, 'headers'> & { readonly headers: OutgoingHttpHeaders }

/**
 * Sends one request, and hands the answer to `take` once its head is there; resolves with what `take` makes of it. Redirects are not
 * followed. Throws what node:http or `take` say. What the parser of node:http has against an answer comes as an error of the
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
    const sent = request({ ...options, headers: { 'user-agent': 'svidwatch', ...options.headers } })
    sent.once('response', (response) => {
      sent.removeListener('close', closed)
      take(response).then(resolve, reject)
    })
    sent.on('socket', (socket) => socket.setKeepAlive(true, tcpKeepAliveMs))
    sent.on('error', reject)
    sent.once('close', closed)
    sent.end(body)
  })
}

/** Throws a StatusError, with the body, for an answer whose status is not one of those that are `expected`. */
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

/** Whole seconds are what servers send. */
function retryAfterMsOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) * 1000 : undefined
}
