import { fastify } from 'fastify'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { RequestError, type ErrorBody } from './requestError.ts'

/** How long a request may take to arrive, and a client to take its answer. */
const requestTimeoutMs = 10_000
const idleTimeoutMs = 30_000
/** Longer than scrapes are apart, so that Prometheus keeps its connection. */
const keepAliveTimeoutMs = 90_000
const maxConnections = 256

const securityHeaders = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }
const whereWhatIs = '/metrics and /api/v1 are at server.port, /healthz and /readyz at server.probePort'

/** An HTTP server that only answers GET and HEAD, without routes. Every error it answers is JSON. */
export function createHttp(log: Log): FastifyInstance {
  const http = fastify({
    requestTimeout: requestTimeoutMs,
    connectionTimeout: idleTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    forceCloseConnections: 'idle',
    frameworkErrors: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) =>
      void reply.headers(securityHeaders).code(400).send(bodyOf('bad_request', error.message)),
  })
  http.server.maxConnections = maxConnections
  http.addHook('onRequest', async (request, reply) => {
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

function bodyOf(code: ErrorBody['error']['code'], message: string): ErrorBody {
  return { error: { code, message } }
}

const maxPathLength = 200

function pathOf(url: string): string {
  return url.replace(/\?.*$/s, '').slice(0, maxPathLength)
}
