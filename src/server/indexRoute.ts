import type { FastifyInstance } from 'fastify'
import type { ServersOptions } from './options.ts'

/** Adds GET /: a list of the paths, for people who open the port in a browser. */
export function addIndex(
  http: FastifyInstance,
  { build, diagnoses }: Pick<ServersOptions, 'build' | 'diagnoses'>,
): void {
  const problems = diagnoses ? '/api/v1/problems  what is wrong, the most urgent first, as JSON\n' : ''
  http.get('/', (_request, reply) => {
    void reply.type('text/plain; charset=utf-8')
    return reply.send(`svidwatch ${build.version}

/metrics          the metrics, for Prometheus
${problems}/api/v1/svids     the known SVIDs, as JSON
/api/v1/status    the state of svidwatch itself, as JSON
`)
  })
}
