import { SvidwatchError } from '../errors.ts'

/** What can be wrong with a request. The codes are part of the API. */
type RequestErrorCode =
  'bad_request' | 'invalid_parameter' | 'unauthorized' | 'not_found' | 'method_not_allowed' | 'overloaded'

const statuses: Readonly<Record<RequestErrorCode, number>> = {
  bad_request: 400,
  invalid_parameter: 400,
  unauthorized: 401,
  not_found: 404,
  method_not_allowed: 405,
  overloaded: 503,
}

/** A request that is refused. The client receives its code and message. */
export class RequestError extends SvidwatchError<RequestErrorCode> {
  get status(): number {
    return statuses[this.code]
  }
}

/** The body of every error answer. */
export interface ErrorBody {
  readonly error: { readonly code: RequestErrorCode | 'internal'; readonly message: string }
}
