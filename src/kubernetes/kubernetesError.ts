import { SvidwatchError } from '../errors.ts'
import { printable } from '../text/printable.ts'
import { isRecord } from './json.ts'

/** Why a request to the API server failed. */
export type KubernetesErrorCode =
  | 'unreachable'
  | 'timeout'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'expired'
  | 'throttled'
  | 'server_error'
  | 'protocol'
  | 'configuration'

const codesByStatus: Readonly<Record<number, KubernetesErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  410: 'expired',
  429: 'throttled',
}

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
  const code = codesByStatus[status] ?? (status >= 500 ? 'server_error' : 'protocol')
  return new KubernetesError(code, `${request}: status ${status}${detail}`, { status, retryAfterMs })
}
