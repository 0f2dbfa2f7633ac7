import type { FastifyInstance } from 'fastify'
import { messageOf } from '../errors.ts'
import type { ServersOptions } from './options.ts'

/** GET /metrics: what `metrics` makes of the request's Accept headers; never half of it. */
export function addMetrics(http: FastifyInstance, { metrics, log }: Pick<ServersOptions, 'metrics' | 'log'>): void {
  http.get('/metrics', async (request, reply) => {
    void reply.header('vary', 'accept, accept-encoding')
    try {
      const { accept, 'accept-encoding': acceptEncoding } = request.headers
      const scrape = await metrics.scrape(accept, Array.isArray(acceptEncoding) ? undefined : acceptEncoding)
      if (scrape.contentEncoding !== undefined) void reply.header('content-encoding', scrape.contentEncoding)
      return await reply.type(scrape.contentType).send(scrape.body)
    } catch (error) {
      log.error({ event: 'scrape_failed' }, `GET /metrics: ${messageOf(error)}`)
      void reply.code(500).type('text/plain; charset=utf-8')
      return reply.send('the metrics cannot be rendered; the log of svidwatch says why\n')
    }
  })
}
