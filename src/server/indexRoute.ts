import type { FastifyInstance } from 'fastify'
import type { ServersOptions } from './options.ts'

/** GET /: what there is, for whoever opens the port in a browser. */
export function addIndex(http: FastifyInstance, { build }: Pick<ServersOptions, 'build'>): void {
  http.get('/', (_request, reply) => {
    void reply.type('text/plain; charset=utf-8')
    return reply.send(`svidwatch ${build.version}

/metrics          what Prometheus scrapes
/api/v1/svids     the SVIDs that are known, as JSON
/api/v1/status    the state of svidwatch itself, as JSON
`)
  })
}
