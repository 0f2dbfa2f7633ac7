import { messageOf, SvidwatchError } from '../../errors.ts'
import { StoreError } from './store.ts'
import { resourceOf, type Target } from './paths.ts'

/** The answer of the Kubernetes API to a request that failed (API conventions, "Response Status Kind"). */
export interface FailureStatus {
  readonly kind: 'Status'
  readonly apiVersion: 'v1'
  readonly metadata: Record<string, never>
  readonly status: 'Failure'
  readonly message: string
  readonly reason: FailureReason
  readonly details?: StatusDetails
  readonly code: number
}

export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  readonly kind?: string
  readonly causes?: readonly { readonly reason: string; readonly message: string; readonly field?: string }[]
  readonly retryAfterSeconds?: number
}

const httpCodes = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  Timeout: 504,
} as const
type FailureReason = keyof typeof httpCodes

/** An error that is answered with a failure Status. */
export class ApiError extends SvidwatchError<FailureReason> {
  readonly status: FailureStatus

  constructor(reason: FailureReason, message: string, details?: StatusDetails) {
    super(reason, message)
    const head = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const
    this.status = { ...head, message, reason, ...(details && { details }), code: httpCodes[reason] }
  }
}

/** Returns the error for a path in a built-in group that names no resource. */
export function unknownPath(): ApiError {
  return new ApiError('NotFound', 'the server could not find the requested resource', {})
}

export function methodNotAllowed(): ApiError {
  return new ApiError('MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}

export function unsupportedMediaType(accepted: string): ApiError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`
  return new ApiError('UnsupportedMediaType', message)
}

export function notFound(target: Target): ApiError {
  const { details, title } = subject(target)
  return new ApiError('NotFound', `${title} not found`, details)
}

/** The user that the token of the server stands for. */
const user = 'system:serviceaccount:svidwatch:svidwatch'

/** Returns the error for a request that no right covers. */
export function forbidden(target: Target, verb: string): ApiError {
  const { type, namespace, name } = target
  const { details, title } = subject(target)
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const why = `User "${user}" cannot ${verb} resource "${resourceOf(target)}" in API group "${type.group}" ${scope}`
  return new ApiError(
    'Forbidden',
    `${name === undefined ? qualified(type.plural, type.group) : title} is forbidden: ${why}`,
    details,
  )
}

export function conflict(target: Target, why: string): ApiError {
  const { details, title } = subject(target)
  return new ApiError('Conflict', `Operation cannot be fulfilled on ${title}: ${why}`, details)
}

/** The problems of a field: how the message begins, and the machine-readable reason. */
const fieldProblems = {
  Forbidden: 'FieldValueForbidden',
  'Invalid value': 'FieldValueInvalid',
  'Required value': 'FieldValueRequired',
  'Too long': 'FieldValueTooLong',
  'Unsupported value': 'FieldValueNotSupported',
} as const

export interface FieldProblem {
  readonly field: string
  readonly problem: keyof typeof fieldProblems
  readonly detail: string
}

/** Returns the error for a field of an object, or of the list options, that breaks a rule. */
export function invalid(group: string, kind: string, name: string, { field, problem, detail }: FieldProblem): ApiError {
  const message = `${problem}: ${detail}`
  const causes = [{ reason: fieldProblems[problem], message, field }]
  const text = `${qualified(kind, group)} "${name}" is invalid: ${field}: ${message}`
  return new ApiError('Invalid', text, { ...detailsOf(name, group, kind), causes })
}

/** Returns the error for reading a revision that does not exist yet. */
export function tooLargeResourceVersion(asked: number, current: number): ApiError {
  return new ApiError('Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })
}

/** Converts anything that was thrown while a request to `target` was served. */
export function apiErrorOf(thrown: unknown, target: Target): ApiError {
  if (thrown instanceof ApiError) return thrown
  if (!(thrown instanceof StoreError)) return internalError(thrown)
  const { details, title } = subject(target)
  switch (thrown.code) {
    case 'AlreadyExists':
      return new ApiError('AlreadyExists', `${title} already exists`, details)
    case 'NotFound':
      return notFound(target)
    case 'Conflict':
      return conflict(
        target,
        'the object has been modified; please apply your changes to the latest version and try again',
      )
    case 'Expired':
      return new ApiError('Expired', thrown.message)
  }
}

export function internalError(thrown: unknown): ApiError {
  return new ApiError('InternalError', `Internal error occurred: ${messageOf(thrown)}`)
}

function subject({ type, name = '' }: Target): { details: StatusDetails; title: string } {
  const details = detailsOf(name, type.group, type.plural)
  return { details, title: `${qualified(type.plural, type.group)} "${name}"` }
}

/** Leaves out what is empty, as the API does. */
function detailsOf(name: string, group: string, kind: string): StatusDetails {
  return { ...(name !== '' && { name }), ...(group !== '' && { group }), kind }
}

function qualified(what: string, group: string): string {
  return group === '' ? what : `${what}.${group}`
}
