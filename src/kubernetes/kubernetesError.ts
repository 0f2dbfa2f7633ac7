import { SvidwatchError } from '../errors.ts'
import { codeOfStatus, HttpError, StatusError, type HttpErrorCode } from '../http/httpError.ts'
import { printable } from '../text/printable.ts'
import { isRecord, parseOrText } from './json.ts'

/** Why a request to the API server failed. */
export type KubernetesErrorCode = HttpErrorCode | 'configuration'

/** A request to the API server failed. The message names the request and has the API server's own message. */
export class KubernetesError extends SvidwatchError<KubernetesErrorCode> {
  /** The HTTP status, or the code of a watch's ERROR event; undefined if there was no answer. */
  readonly status: number | undefined
  /** How long the API server asks to wait (Retry-After); undefined if it does not. */
  readonly retryAfterMs: number | undefined

  constructor(
    code: KubernetesErrorCode,
    message: string,
    details: ErrorOptions & { status?: number; retryAfterMs?: number | undefined } = {},
  ) {
    super(code, message, details)
    this.status = details.status
    this.retryAfterMs = details.retryAfterMs
  }
}

/** Returns the error for an answer that is not a success. `answer` is its body: a Status object of the API, or text of a proxy. */
export function refusal(request: string, status: number, answer: unknown, retryAfterMs?: number): KubernetesError {
  const message = isRecord(answer) ? answer.message : answer
  const detail = typeof message === 'string' && message !== '' ? `: ${printable(message)}` : ''
  return new KubernetesError(codeOfStatus(status), `${request}: status ${status}${detail}`, { status, retryAfterMs })
}

/** Returns the KubernetesError for an HttpError of the request that is named `request`. Returns other errors unchanged. */
export function kubernetesErrorOf(request: string, thrown: unknown): unknown {
  if (thrown instanceof StatusError) {
    return refusal(request, thrown.status, parseOrText(thrown.body), thrown.retryAfterMs)
  }
  if (!(thrown instanceof HttpError)) return thrown
  return new KubernetesError(thrown.code, `${request}: ${thrown.message}`, { cause: thrown })
}
