import type { Representation } from './accept.ts'
import { decodeObject, type StoredObject } from './object.ts'
import type { ListOptions } from './options.ts'
import type { Target } from './paths.ts'
import { apiVersionOf, type ResourceType } from './resources.ts'
import { selects } from './selector.ts'
import { ApiError, tooLargeResourceVersion } from './status.ts'
import { StoreError, type ObjectStore } from './store.ts'

/**
 * Returns the JSON of a list, or of one page of it, in pieces, because a list can be longer than a string may be. Throws ApiError
 * for a wrong request before it returns.
 */
export function listObjects(
  store: ObjectStore,
  target: Target,
  options: ListOptions,
  representation: Representation,
): Iterable<string> {
  const start = startOf(store, options)
  const all = snapshot(store, target.type, start, options).filter(selects(target, options.selector))
  const first = start.after === '' ? 0 : all.findIndex(({ key }) => key > start.after)
  const rest = first === -1 ? [] : all.slice(first)
  const items = start.limit === 0 ? rest : rest.slice(0, start.limit)
  const metadata = listMetadata(start.revision, items, rest.length - items.length, options)
  return representation === 'metadata' ? metadataPieces(metadata, items) : listPieces(target.type, metadata, items)
}

/** The revision of a page, the key after which it begins, and its maximum number of objects. */
interface PageStart {
  readonly revision: number
  readonly after: string
  readonly limit: number
}

/** Kubernetes API concepts, "Semantics for get and list". */
function startOf(store: ObjectStore, options: ListOptions): PageStart {
  const { resourceVersion: asked = 0, resourceVersionMatch: match, limit } = options
  if (options.continueToken !== '') {
    if (asked === 0) return { ...decodeContinue(options.continueToken), limit }
    throw new ApiError('BadRequest', 'specifying resource version is not allowed when using continue')
  }
  if (asked > store.revision) throw tooLargeResourceVersion(asked, store.revision)
  const exact = match === 'Exact' || (match === '' && limit > 0 && asked > 0)
  // The API server answers resourceVersion 0 from its cache, in one page whatever the limit.
  const fromCache = options.resourceVersion === 0
  return { revision: exact ? asked : store.revision, after: '', limit: fromCache ? 0 : limit }
}

function snapshot(
  store: ObjectStore,
  type: ResourceType,
  { revision }: PageStart,
  { continueToken }: ListOptions,
): readonly StoredObject[] {
  try {
    return store.snapshot(type.plural, revision)
  } catch (thrown) {
    if (!(thrown instanceof StoreError)) throw thrown
    throw new ApiError(
      'Expired',
      continueToken === ''
        ? 'The resourceVersion for the provided list is too old.'
        : 'The provided continue parameter is too old to display a consistent list result. ' +
            'You can start a new list without the continue parameter.',
    )
  }
}

function listMetadata(
  revision: number,
  items: readonly StoredObject[],
  remaining: number,
  { selector }: ListOptions,
): Record<string, unknown> {
  const resourceVersion = String(revision)
  const last = items.at(-1)
  if (remaining === 0 || last === undefined) return { resourceVersion }
  const next = encodeContinue(revision, last.key)
  return { resourceVersion, continue: next, ...(selector === undefined && { remainingItemCount: remaining }) }
}

function* listPieces(
  type: ResourceType,
  metadata: Record<string, unknown>,
  items: readonly StoredObject[],
): Iterable<string> {
  const apiVersion = apiVersionOf(type)
  // The JSON of a stored object begins with its type, which the items in the list of a built-in resource do not have.
  const typeLength = type.custom ? 0 : JSON.stringify({ apiVersion, kind: type.kind }).length
  yield `${JSON.stringify({ kind: `${type.kind}List`, apiVersion, metadata }).slice(0, -1)},"items":[`
  for (const [i, { json }] of items.entries()) {
    yield (i === 0 ? '' : ',') + (typeLength === 0 ? json : `{${json.slice(typeLength)}`)
  }
  yield ']}\n'
}

/** The list's own metadata stays, so that it can be continued. */
function* metadataPieces(metadata: Record<string, unknown>, items: readonly StoredObject[]): Iterable<string> {
  const apiVersion = 'meta.k8s.io/v1'
  yield `${JSON.stringify({ kind: 'PartialObjectMetadataList', apiVersion, metadata }).slice(0, -1)},"items":[`
  for (const [i, item] of items.entries()) {
    const partial = { kind: 'PartialObjectMetadata', apiVersion, metadata: decodeObject(item).metadata }
    yield (i === 0 ? '' : ',') + JSON.stringify(partial)
  }
  yield ']}\n'
}

function encodeContinue(revision: number, after: string): string {
  return Buffer.from(JSON.stringify({ rv: revision, start: after })).toString('base64url')
}

function decodeContinue(token: string): { revision: number; after: string } {
  try {
    const { rv, start } = JSON.parse(Buffer.from(token, 'base64url').toString()) as { rv: unknown; start: unknown }
    if (typeof rv === 'number' && typeof start === 'string') return { revision: rv, after: start }
  } catch {
    // Text that is not JSON is refused below.
  }
  throw new ApiError('BadRequest', 'continue key is not valid')
}
