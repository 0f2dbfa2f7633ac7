import { fastify } from 'fastify'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log/log.ts'
import { startDeadline } from './answerDeadline.ts'
import { RequestError, type ErrorBody } from './requestError.ts'

/** Bounds on the connections and requests of one server. */
export interface HttpLimits {
  readonly connections: number
  /** How long a request may take to arrive. */
  readonly requestMs: number
  /** How long a connection may be idle while a request or an answer is in progress. */
  readonly idleMs: number
  /** How long a connection waits for the next request; 0 allows one request for each connection. */
  readonly keepAliveMs: number
}

/** How often node:http looks for requests that take too long to arrive; its default is 30 s. */
const checkIntervalMs = 1_000

/** Headers of every answer. */
export const securityHeaders = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }
const knownPaths = '/metrics and /api/v1 are served on server.port, /healthz and /readyz on server.probePort'

/** Returns an HTTP server without routes. It accepts only GET and HEAD, and answers every error as JSON. */
export function createHttp(log: Log, clock: Clock, limits: HttpLimits): FastifyInstance {
  const http = fastify({
    http: { connectionsCheckingInterval: checkIntervalMs },
    requestTimeout: limits.requestMs,
    connectionTimeout: limits.idleMs,
    keepAliveTimeout: limits.keepAliveMs,
    maxRequestsPerSocket: limits.keepAliveMs === 0 ? 1 : 0,
    forceCloseConnections: 'idle',
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    frameworkErrors: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) =>
      void reply.headers(securityHeaders).code(400).send(bodyOf('bad_request', error.message)),
  })
  http.server.maxConnections = limits.connections
  http.addHook('onRequest', async (request, reply) => {
    startDeadline(request.raw, clock)
    void reply.headers(securityHeaders)
    if (request.method === 'GET' || request.method === 'HEAD') return
    void reply.header('allow', 'GET, HEAD')
    throw new RequestError('method_not_allowed', `${request.method} is not supported; use GET`)
  })
  http.setNotFoundHandler((request) => {
    throw new RequestError('not_found', `no such path: ${pathOf(request.url)}; ${knownPaths}`)
  })
  http.setErrorHandler((error, request, reply) => {
    if (error instanceof RequestError) return reply.code(error.status).send(bodyOf(error.code, error.message))
    log.error({ event: 'request_failed', path: pathOf(request.url) }, `GET ${pathOf(request.url)}: ${messageOf(error)}`)
    return reply.code(500).send(bodyOf('internal', 'the request failed; the log of svidwatch has the reason'))
  })
  return http
}

/** Keeps fastify from loading its schema compilers, which no route needs: 8 MB, and a third of its start time (Node 24). */
function noSchemas(): never {
  throw new Error('routes of svidwatch have no schemas')
}

function bodyOf(code: ErrorBody['error']['code'], message: string): ErrorBody {
  return { error: { code, message } }
}

const maxPathLength = 200

function pathOf(url: string): string {
  return url.replace(/\?.*$/s, '').slice(0, maxPathLength)
}
