import { messageOf, SvidwatchError } from '../errors.ts'
import { printable } from '../text/printable.ts'

/** The meaning of a status that is not a success. */
export type StatusCode =
  'unauthorized' | 'forbidden' | 'not_found' | 'conflict' | 'expired' | 'throttled' | 'server_error' | 'protocol'

/** Why a request failed. `protocol` is an answer that is not as it should be. */
export type HttpErrorCode = 'unreachable' | 'timeout' | StatusCode

/** A request has failed. The message names neither the request nor the server, and may be shown as it is. */
export class HttpError extends SvidwatchError<HttpErrorCode> {}

/** The server has answered with a status that is not a success. */
export class StatusError extends HttpError {
  readonly status: number
  /** The text of the body; '' if it is too long or cannot be read. */
  readonly body: string
  /** How long the server asks to wait (Retry-After), ms; undefined if it does not. */
  readonly retryAfterMs: number | undefined

  constructor(status: number, body: string, retryAfterMs: number | undefined) {
    super(codeOfStatus(status), `status ${status}`)
    this.status = status
    this.body = body
    this.retryAfterMs = retryAfterMs
  }
}

const codesByStatus: Readonly<Record<number, StatusCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  410: 'expired',
  429: 'throttled',
}

/** Returns the code for a status that is not a success. */
export function codeOfStatus(status: number): StatusCode {
  return codesByStatus[status] ?? (status >= 500 ? 'server_error' : 'protocol')
}

/**
 * Returns the error that a request throws for `thrown`. If `signal` has aborted, that is the cause: `timeout` after a deadline,
 * otherwise the reason of the signal. A SvidwatchError is returned as it is.
 */
export function httpErrorOf(thrown: unknown, signal: AbortSignal): unknown {
  const reason: unknown = signal.reason
  if (signal.aborted) return isTimeout(reason) ? new HttpError('timeout', reason.message, { cause: reason }) : reason
  if (thrown instanceof SvidwatchError) return thrown
  const code = thrown instanceof SyntaxError ? 'protocol' : 'unreachable'
  return new HttpError(code, printable(detailOf(thrown)), { cause: thrown })
}

function isTimeout(reason: unknown): reason is DOMException {
  return reason instanceof DOMException && reason.name === 'TimeoutError'
}

/** node:net tries each address of a name, and throws the errors of all of them together. */
function detailOf(thrown: unknown): string {
  return thrown instanceof AggregateError ? thrown.errors.map(messageOf).join('; ') : messageOf(thrown)
}
