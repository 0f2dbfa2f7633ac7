import { SvidwatchError } from '../errors.ts'

/** What can be wrong with a request; programs may act on it. */
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

/** A request that cannot be answered as it is; its message is for the client. */
export class RequestError extends SvidwatchError<RequestErrorCode> {
  get status(): number {
    return statuses[this.code]
  }
}

/** The body of every answer that is an error. */
export interface ErrorBody {
  readonly error: { readonly code: RequestErrorCode | 'internal'; readonly message: string }
}
