import { SvidwatchError } from '../errors.ts'
import { codeOfStatus, HttpError, StatusError, type HttpErrorCode } from '../http/httpError.ts'
import { printable } from '../text/printable.ts'
import { isRecord, parseOrText } from './json.ts'

/** Why a request to the API server failed. */
export type KubernetesErrorCode = HttpErrorCode | 'configuration'

/** A request that failed. The message names the request and what the API server said. */
export class KubernetesError extends SvidwatchError<KubernetesErrorCode> {
  /** The HTTP status, or the code of a watch's ERROR event; undefined where there was no answer. */
  readonly status: number | undefined
  /** How long the API server asks to wait (Retry-After); undefined where it does not say. */
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

/** An answer that says no. `answer` is its body: a Status object of the API, or whatever a proxy in between has sent. */
export function refusal(request: string, status: number, answer: unknown, retryAfterMs?: number): KubernetesError {
  const said = isRecord(answer) ? answer.message : answer
  const detail = typeof said === 'string' && said !== '' ? `: ${printable(said)}` : ''
  return new KubernetesError(codeOfStatus(status), `${request}: status ${status}${detail}`, { status, retryAfterMs })
}

/** What the request that messages call `request` throws for what it was thrown. */
export function kubernetesErrorOf(request: string, thrown: unknown): unknown {
  if (thrown instanceof StatusError) {
    return refusal(request, thrown.status, parseOrText(thrown.body), thrown.retryAfterMs)
  }
  if (!(thrown instanceof HttpError)) return thrown
  return new KubernetesError(thrown.code, `${request}: ${thrown.message}`, { cause: thrown })
}
