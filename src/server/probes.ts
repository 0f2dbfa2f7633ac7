import type { FastifyInstance } from 'fastify'
import type { Readiness } from './options.ts'

/** GET /healthz: the process answers. GET /readyz: there is something to scrape. */
export function addProbes(http: FastifyInstance, readiness: Readiness): void {
  http.get('/healthz', (_request, reply) => reply.send('ok\n'))
  http.get('/readyz', (_request, reply) => {
    if (readiness.ready()) return reply.send('ready\n')
    return reply.code(503).send(`waiting for ${readiness.waitingFor().join(', ')}\n`)
  })
}
