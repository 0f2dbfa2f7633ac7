import { parseSelector, type Selector } from './selector.ts'
import { ApiError, invalid, type FieldProblem } from './status.ts'

/** The query of a list or watch (Kubernetes API concepts, "Resource versions" and "Streaming lists"). */
export interface ListOptions {
  readonly watch: boolean
  /** 0: no limit. */
  readonly limit: number
  /** '' : the first page. */
  readonly continueToken: string
  readonly resourceVersion: number | undefined
  readonly resourceVersionMatch: string
  readonly sendInitialEvents: boolean
  readonly allowWatchBookmarks: boolean
  readonly timeoutMs: number | undefined
  readonly selector: Selector | undefined
}

/** Parses the query. Throws ApiError for a query that an API server with or without streaming lists refuses. */
export function parseListOptions(query: URLSearchParams, streamsLists = true): ListOptions {
  const watch = parseFlag(query, 'watch') ?? false
  checkMatch(query, watch, streamsLists)
  const resourceVersion = parseCount(query, 'resourceVersion')
  const timeoutSeconds = parseCount(query, 'timeoutSeconds')
  return {
    watch,
    limit: parseCount(query, 'limit') ?? 0,
    continueToken: query.get('continue') ?? '',
    resourceVersion,
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    sendInitialEvents: parseFlag(query, 'sendInitialEvents') ?? (resourceVersion ?? 0) === 0,
    allowWatchBookmarks: parseFlag(query, 'allowWatchBookmarks') ?? false,
    timeoutMs: timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000,
    selector: parseSelector(query.get('labelSelector') ?? '', query.get('fieldSelector') ?? ''),
  }
}

function checkMatch(query: URLSearchParams, watch: boolean, streamsLists: boolean): void {
  const match = query.get('resourceVersionMatch') ?? ''
  const problem = watch ? watchProblem(query, match, streamsLists) : listProblem(query, match)
  if (problem !== undefined) throw invalid('meta.k8s.io', 'ListOptions', '', problem)
}

function watchProblem(query: URLSearchParams, match: string, streamsLists: boolean): FieldProblem | undefined {
  const hasSendInitialEvents = query.has('sendInitialEvents')
  if (hasSendInitialEvents && !streamsLists) {
    const detail = 'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled'
    return forbidden('sendInitialEvents', detail)
  }
  if (hasSendInitialEvents && match !== 'NotOlderThan') {
    return forbidden('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
  }
  if (hasSendInitialEvents || match === '') return undefined
  return forbidden(
    'resourceVersionMatch',
    'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
  )
}

function listProblem(query: URLSearchParams, match: string): FieldProblem | undefined {
  const field = 'resourceVersionMatch'
  const version = query.get('resourceVersion') ?? ''
  if (query.has('sendInitialEvents')) {
    return forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list')
  }
  if (match === '') return undefined
  if (query.has('continue')) return forbidden(field, 'resourceVersionMatch is forbidden when continue is provided')
  if (version === '') return forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided')
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    const detail = `"${match}": supported values: "Exact", "NotOlderThan", ""`
    return { field, problem: 'Unsupported value', detail }
  }
  if (match === 'Exact' && version === '0') {
    return forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
  }
  return undefined
}

function forbidden(field: string, detail: string): FieldProblem {
  return { field, problem: 'Forbidden', detail }
}

/** Parses a flag. As in the API server, every value except `0` and `false` is true. */
function parseFlag(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name)
  return value === null ? undefined : value !== '0' && value.toLowerCase() !== 'false'
}

function parseCount(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name) ?? ''
  if (value === '') return undefined
  const count = Number(value)
  if (/^\d+$/.test(value) && Number.isSafeInteger(count)) return count
  throw new ApiError('BadRequest', `invalid ${name} "${value}": it must be a whole number`)
}
