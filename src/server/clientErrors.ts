import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { RequestError } from './requestError.ts'

/** Headers of every answer. */
export const securityHeaders = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }

/** Returns what is wrong with a request that node:http cannot parse. */
function errorOf(code: string | undefined): RequestError {
  if (code === 'HPE_HEADER_OVERFLOW') return new RequestError('headers_too_large', 'the headers have more than 16 KiB')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new RequestError('request_timeout', 'the request did not arrive in time')
  return new RequestError('bad_request', 'the request is not HTTP/1.1')
}

/** Answers a request that node:http cannot parse, and closes the connection. */
export function refuseUnparsed(error: NodeJS.ErrnoException, socket: Socket): void {
  const { status, body } = errorOf(error.code)
  const text = JSON.stringify(body)
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    ...securityHeaders,
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${text}`, () => socket.destroy())
}
