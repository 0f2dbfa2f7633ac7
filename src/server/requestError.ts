import type { FastifyReply } from 'fastify'
import { SvidwatchError } from '../errors.ts'

/** What can be wrong with a request. The codes are part of the API. */
type RequestErrorCode =
  | 'bad_request'
  | 'invalid_parameter'
  | 'unauthorized'
  | 'not_found'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'wrong_host'
  | 'headers_too_large'
  | 'overloaded'

const statuses: Readonly<Record<RequestErrorCode, number>> = {
  bad_request: 400,
  invalid_parameter: 400,
  unauthorized: 401,
  not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  wrong_host: 421,
  headers_too_large: 431,
  overloaded: 503,
}

/** A request that is refused. The client receives its code and message. */
export class RequestError extends SvidwatchError<RequestErrorCode> {
  get status(): number {
    return statuses[this.code]
  }

  get body(): ErrorBody {
    return bodyOf(this.code, this.message)
  }
}

/** The body of every error answer. */
export interface ErrorBody {
  readonly error: { readonly code: RequestErrorCode | 'internal'; readonly message: string }
}

export function bodyOf(code: ErrorBody['error']['code'], message: string): ErrorBody {
  return { error: { code, message } }
}

/** Returns the refusal of a request for which there is no place, and says in the reply when to try again. */
export function overloaded(reply: FastifyReply, problem: string, retryAfterSeconds: number): RequestError {
  void reply.header('retry-after', String(retryAfterSeconds))
  return new RequestError('overloaded', `${problem}; try again later`)
}
