import type { FastifyInstance } from 'fastify'
import type { Readiness } from './options.ts'

/** Adds GET /healthz, which always answers 200, and GET /readyz, which answers 503 while it waits for sources. */
export function addProbes(http: FastifyInstance, readiness: Readiness): void {
  http.get('/healthz', (_request, reply) => reply.send('ok\n'))
  http.get('/readyz', (_request, reply) => {
    if (readiness.ready()) return reply.send('ready\n')
    return reply.code(503).send(`waiting for ${readiness.waitingFor().join(', ')}\n`)
  })
}
