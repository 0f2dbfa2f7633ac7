import { createServer, type RequestListener, type Server } from 'node:http'
import { fastify } from 'fastify'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log/log.ts'
import { startDeadline } from './answerDeadline.ts'
import { refuseUnparsed, securityHeaders } from './clientErrors.ts'
import { Connections } from './connections.ts'
import { checkHost, isLoopback } from './hostCheck.ts'
import type { ListenOn } from './listening.ts'
import { bodyOf, RequestError } from './requestError.ts'

/** Bounds on the connections and requests of one server. */
export interface HttpLimits {
  /** How many connections stay open if more are wanted. */
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

const knownPaths = '/metrics and /api/v1 are served on server.port, /healthz and /readyz on server.probePort'

/**
 * Returns an HTTP server without routes. It accepts only GET and HEAD, and answers every error as JSON. On a loopback address, it
 * accepts only requests for this machine.
 */
export function createHttp(log: Log, clock: Clock, address: ListenOn, limits: HttpLimits): FastifyInstance {
  const connections = new Connections(limits.connections, clock)
  const http = fastify({
    serverFactory: (answer) => connections.watch(serverOf(limits, connections.inTurn(answer))),
    clientErrorHandler: (error, socket) => {
      if (socket.writable && !connections.isAnswering(socket)) refuseUnparsed(error, socket)
      else socket.destroy()
    },
    forceCloseConnections: 'idle',
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    frameworkErrors: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) =>
      void reply.headers(securityHeaders).code(400).send(bodyOf('bad_request', error.message)),
  })
  http.addHook('onRequest', async (request, reply) => {
    startDeadline(request.raw, clock)
    void reply.headers(securityHeaders)
    checkHost(request.raw, isLoopback(address))
    if (request.method === 'GET' || request.method === 'HEAD') return
    void reply.header('allow', 'GET, HEAD')
    throw new RequestError('method_not_allowed', `${request.method} is not supported; use GET`)
  })
  http.setNotFoundHandler((request) => {
    throw new RequestError('not_found', `no such path: ${pathOf(request.url)}; ${knownPaths}`)
  })
  http.setErrorHandler((error, request, reply) => {
    if (error instanceof RequestError) return reply.code(error.status).send(error.body)
    log.error({ event: 'request_failed', path: pathOf(request.url) }, `GET ${pathOf(request.url)}: ${messageOf(error)}`)
    void reply.type('application/json; charset=utf-8').code(500)
    return reply.send(bodyOf('internal', 'the request failed; the log of svidwatch has the reason'))
  })
  return http
}

function serverOf({ requestMs, idleMs, keepAliveMs }: HttpLimits, listener: RequestListener): Server {
  const options = {
    connectionsCheckingInterval: checkIntervalMs,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    requireHostHeader: false, // Node would refuse it without a body.
  }
  const server = createServer(options, listener).on('checkExpectation', listener).setTimeout(idleMs)
  if (keepAliveMs === 0) server.maxRequestsPerSocket = 1
  return server
}

/** Keeps fastify from loading its schema compilers, which no route needs: 8 MB, and a third of its start time (Node 24). */
function noSchemas(): never {
  throw new Error('routes of svidwatch have no schemas')
}

const maxPathLength = 200

function pathOf(url: string): string {
  return url.replace(/\?.*$/s, '').slice(0, maxPathLength)
}
