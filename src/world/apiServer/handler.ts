import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { listRepresentation } from './accept.ts'
import type { Backend } from './backend.ts'
import { readJson } from './body.ts'
import { evictPod } from './eviction.ts'
import { listObjects } from './list.ts'
import { parseListOptions } from './options.ts'
import { resolvePath, type Target } from './paths.ts'
import type { ServedResources } from './resources.ts'
import { checkRights } from './rights.ts'
import { ApiError, apiErrorOf, internalError, methodNotAllowed, unknownPath, unsupportedMediaType } from './status.ts'
import { serveWatch } from './watch.ts'
import { createObject, deleteObject, patchObject, readObject, replaceObject, type ObjectTarget } from './writes.ts'

/** The answers of paths that need no credentials. */
const openPaths: Readonly<Record<string, unknown>> = {
  '/version': { major: '1', minor: '35', gitVersion: 'v1.35.0+svidwatch' },
  '/readyz': 'ok',
}

/** Answers one request. A failure is answered with a Status, or, if the answer has begun, by closing the connection. */
export async function handleRequest(
  backend: Backend,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await route(backend, request, response)
  } catch (thrown) {
    if (response.headersSent) response.destroy()
    else sendFailure(response, thrown instanceof ApiError ? thrown : internalError(thrown))
  }
}

async function route(backend: Backend, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = URL.parse(`http://localhost${request.url ?? '/'}`)
  if (url === null) throw unknownPath()
  if (Object.hasOwn(openPaths, url.pathname)) {
    send(response, 200, openPaths[url.pathname])
    return
  }
  if (request.headers.authorization !== `Bearer ${backend.token}`) throw new ApiError('Unauthorized', 'Unauthorized')
  backend.onRequest?.(request.method ?? '', `${url.pathname}${url.search}`)
  const target = resolvePath(url.pathname, backend.resources)
  if (target === undefined) {
    answerUnknown(url.pathname, backend.resources, response)
    return
  }
  try {
    if (backend.rights) checkRights(backend.rights, request.method ?? '', target, url.searchParams)
    if (isObject(target)) await serveObject(backend, target, request, response)
    else await serveCollection(backend, target, url.searchParams, request, response)
  } catch (thrown) {
    throw apiErrorOf(thrown, target)
  }
}

/**
 * Answers with a Status for an unknown resource of a built-in group, and in plain text for everything else that nothing serves: a
 * group that does not exist, or a custom resource that is not installed, whatever else its group has.
 */
function answerUnknown(path: string, resources: ServedResources, response: ServerResponse): void {
  const isWithin = (group: string) => path.startsWith(group === '' ? '/api/' : `/apis/${group}/`)
  if (Array.from(resources).some(({ custom, group }) => !custom && isWithin(group))) throw unknownPath()
  send(response, 404, '404 page not found\n')
}

function isObject(target: Target): target is ObjectTarget {
  return target.name !== undefined
}

async function serveCollection(
  backend: Backend,
  target: Target,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { store, clock } = backend
  if (request.method === 'POST') {
    expectType(request, 'application/json')
    send(response, 201, createObject(store, clock, target, await readJson(request)))
    return
  }
  if (request.method !== 'GET') throw methodNotAllowed()
  const options = parseListOptions(query, backend.streamsLists)
  if (options.watch) {
    await serveWatch(backend, target, options, response)
    return
  }
  const pieces = listObjects(store, target, options, listRepresentation(request.headers.accept))
  response.writeHead(200, { 'content-type': 'application/json' })
  await pipeline(pieces, response)
}

async function serveObject(
  { store, clock }: Backend,
  target: ObjectTarget,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (target.eviction) {
    if (request.method !== 'POST') throw methodNotAllowed()
    expectType(request, 'application/json')
    return send(response, 201, evictPod(store, clock, target, await readJson(request)))
  }
  switch (request.method) {
    case 'GET':
      return send(response, 200, readObject(store, target))
    case 'PUT':
      expectType(request, 'application/json')
      return send(response, 200, replaceObject(store, clock, target, await readJson(request)))
    case 'PATCH':
      expectType(request, 'application/merge-patch+json')
      return send(response, 200, patchObject(store, clock, target, await readJson(request)))
    case 'DELETE':
      if (target.status) throw methodNotAllowed()
      return send(response, 200, deleteObject(store, target, await readJson(request)))
    default:
      throw methodNotAllowed()
  }
}

function expectType(request: IncomingMessage, accepted: string): void {
  const [type = ''] = (request.headers['content-type'] ?? accepted).split(';')
  if (type.trim().toLowerCase() !== accepted) throw unsupportedMediaType(accepted)
}

function send(response: ServerResponse, code: number, body: unknown): void {
  const isText = typeof body === 'string'
  response.writeHead(code, { 'content-type': isText ? 'text/plain' : 'application/json' })
  response.end(isText ? body : JSON.stringify(body))
}

function sendFailure(response: ServerResponse, { status }: ApiError): void {
  const retryAfter = status.details?.retryAfterSeconds
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter)
  if (status.reason === 'RequestEntityTooLarge') response.setHeader('connection', 'close')
  send(response, status.code, status)
}
