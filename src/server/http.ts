import { fastify } from 'fastify'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log/log.ts'
import { cutWhenOverdue } from './answerDeadline.ts'
import { RequestError, type ErrorBody } from './requestError.ts'

/** What clients may take of a server. */
export interface HttpLimits {
  readonly connections: number
  /** How long a request may take to arrive. */
  readonly requestMs: number
  /** How long a connection may be silent while a request or an answer is under way. */
  readonly idleMs: number
  /** How long a connection waits for the next request; 0: there is one request to a connection. */
  readonly keepAliveMs: number
}

/** How often node:http looks for requests that take too long to arrive; 30 s unless said. */
const checkIntervalMs = 1_000

/** Every answer has these. */
export const securityHeaders = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }
const whereWhatIs = '/metrics and /api/v1 are at server.port, /healthz and /readyz at server.probePort'

/** An HTTP server that only answers GET and HEAD, without routes. Every error it answers is JSON. */
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
    cutWhenOverdue(request.raw, clock)
    void reply.headers(securityHeaders)
    if (request.method === 'GET' || request.method === 'HEAD') return
    void reply.header('allow', 'GET, HEAD')
    throw new RequestError('method_not_allowed', `${request.method} is not offered here: use GET`)
  })
  http.setNotFoundHandler((request) => {
    throw new RequestError('not_found', `there is nothing at ${pathOf(request.url)}; ${whereWhatIs}`)
  })
  http.setErrorHandler((error, request, reply) => {
    if (error instanceof RequestError) return reply.code(error.status).send(bodyOf(error.code, error.message))
    log.error({ event: 'request_failed', path: pathOf(request.url) }, `GET ${pathOf(request.url)}: ${messageOf(error)}`)
    return reply.code(500).send(bodyOf('internal', 'the request failed; the log of svidwatch says why'))
  })
  return http
}

/** No route has a schema. fastify would load its compilers all the same: 8 MB, and a third of its start (Node 24). */
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
