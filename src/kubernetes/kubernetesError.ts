import { SvidwatchError } from '../errors.ts'
import { codeOfStatus, HttpError, StatusError, type HttpErrorCode } from '../http/httpError.ts'
import { printable } from '../text/printable.ts'
import { isRecord, parseOrText, textOf } from './json.ts'

/** Why a request to the API server failed. */
export type KubernetesErrorCode = HttpErrorCode | 'configuration'

/** What an API server says does not exist: an object, or a resource as a whole, such as one whose CRD is not installed. */
export type Missing = 'object' | 'resource'

/** What a Status of the API says about a failure, as far as callers decide by it. */
export interface StatusDetails {
  /** The kind, or the resource, that the failure is about, which is not always that of the request; '' if it names none. */
  readonly kind: string
  /** The reasons, which are for programs, and their messages, which are harmless text. */
  readonly causes: readonly { readonly reason: string; readonly message: string }[]
}

/** A request to the API server failed. The message names the request and has the API server's own message. */
export class KubernetesError extends SvidwatchError<KubernetesErrorCode> {
  /** The HTTP status, or the code of a watch's ERROR event; undefined if there was no answer. */
  readonly status: number | undefined
  /** How long the API server asks to wait (Retry-After); undefined if it does not. */
  readonly retryAfterMs: number | undefined
  /** What does not exist, if the API server itself says so. A proxy that knows no such path answers 404 as well. */
  readonly missing: Missing | undefined
  /** What the Status in the answer says; undefined if there was none, as in the answer of a proxy. */
  readonly details: StatusDetails | undefined

  constructor(
    code: KubernetesErrorCode,
    message: string,
    context: ErrorOptions & {
      status?: number
      retryAfterMs?: number | undefined
      missing?: Missing | undefined
      details?: StatusDetails | undefined
    } = {},
  ) {
    super(code, message, context)
    this.status = context.status
    this.retryAfterMs = context.retryAfterMs
    this.missing = context.missing
    this.details = context.details
  }
}

/** Returns the error for an answer that is not a success. `answer` is its body: a Status object of the API, or text of a proxy. */
export function refusal(request: string, status: number, answer: unknown, retryAfterMs?: number): KubernetesError {
  const message = isRecord(answer) ? answer.message : answer
  const detail = typeof message === 'string' && message !== '' ? `: ${printable(message)}` : ''
  const missing = status === 404 ? missingIn(answer) : undefined
  const text = `${request}: status ${status}${detail}`
  return new KubernetesError(codeOfStatus(status), text, { status, retryAfterMs, missing, details: detailsIn(answer) })
}

/** More causes than any Status has that callers decide by. */
const maxCauses = 10

function detailsIn(answer: unknown): StatusDetails | undefined {
  if (!isRecord(answer) || answer.kind !== 'Status') return undefined
  const { kind, causes } = isRecord(answer.details) ? answer.details : {}
  const known = Array.isArray(causes) ? causes.slice(0, maxCauses).filter(isRecord) : []
  return {
    kind: textOf(kind),
    causes: known.map(({ reason, message }) => ({ reason: textOf(reason), message: printable(textOf(message)) })),
  }
}

/**
 * Returns what does not exist according to the answer to a 404. For a group or a custom resource that is not installed, API servers
 * answer in plain text; for an unknown resource of a built-in group, with a Status that names no object.
 */
function missingIn(answer: unknown): Missing | undefined {
  if (typeof answer === 'string') return answer.trim() === '404 page not found' ? 'resource' : undefined
  if (!isRecord(answer) || answer.kind !== 'Status') return undefined
  if (answer.message === 'the server could not find the requested resource') return 'resource'
  return isRecord(answer.details) && typeof answer.details.name === 'string' ? 'object' : undefined
}

/** Returns the KubernetesError for an HttpError of the request that is named `request`. Returns other errors unchanged. */
export function kubernetesErrorOf(request: string, thrown: unknown): unknown {
  if (thrown instanceof StatusError) {
    return refusal(request, thrown.status, parseOrText(thrown.body), thrown.retryAfterMs)
  }
  if (!(thrown instanceof HttpError)) return thrown
  return new KubernetesError(thrown.code, `${request}: ${thrown.message}`, { cause: thrown })
}
