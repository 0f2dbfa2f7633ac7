import { messageOf, SvidwatchError } from '../errors.ts'
import { printable } from '../text/printable.ts'

/** What the status of an answer that says no means. */
export type StatusCode =
  'unauthorized' | 'forbidden' | 'not_found' | 'conflict' | 'expired' | 'throttled' | 'server_error' | 'protocol'

/** Why a request gave nothing of use. `protocol` is an answer that is not what it should be. */
export type HttpErrorCode = 'unreachable' | 'timeout' | StatusCode

/** A request that failed. The message names neither the request nor whom it went to, and may be shown as it is. */
export class HttpError extends SvidwatchError<HttpErrorCode> {}

/** An answer that says no. */
export class StatusError extends HttpError {
  readonly status: number
  /** The text of its body; '' where it was too long. */
  readonly body: string
  /** How long whoever answers asks to wait (Retry-After); undefined where that is not said. */
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

/** The code for a status that is no success. */
export function codeOfStatus(status: number): StatusCode {
  return codesByStatus[status] ?? (status >= 500 ? 'server_error' : 'protocol')
}

/**
 * What a request throws for what went wrong below it. Where `signal` has aborted, that is the cause: `timeout` after a deadline,
 * otherwise its own reason. What was thrown on purpose stays what it is.
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

/** node:net tries each address of a name, and keeps what each of them said. */
function detailOf(thrown: unknown): string {
  return thrown instanceof AggregateError ? thrown.errors.map(messageOf).join('; ') : messageOf(thrown)
}
