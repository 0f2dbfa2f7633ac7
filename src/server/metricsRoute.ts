import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { messageOf } from '../errors.ts'
import { onAnswered } from './answerDeadline.ts'
import type { ServersOptions } from './options.ts'
import { RequestError } from './requestError.ts'

/** Each scrape keeps its values or its compressed text in memory until the client has read the answer. */
const maxUnfinished = 16

/**
 * Adds GET /metrics, in the format and encoding of the request's Accept headers. If a scrape fails midway, its connection is
 * closed, so that no client takes a part of the answer for all of it. More than 16 scrapes at a time are answered with 503.
 */
export function addMetrics(http: FastifyInstance, { metrics, log }: Pick<ServersOptions, 'metrics' | 'log'>): void {
  let unfinished = 0
  const failed = (error: unknown) => log.error({ event: 'scrape_failed' }, `GET /metrics: ${messageOf(error)}`)
  http.get('/metrics', async (request, reply) => {
    if (unfinished >= maxUnfinished) {
      void reply.header('retry-after', '1')
      throw new RequestError(
        'overloaded',
        `${maxUnfinished} scrapes of /metrics are in progress; try again in a second`,
      )
    }
    unfinished += 1
    onAnswered(request.raw, () => (unfinished -= 1))
    void reply.header('vary', 'accept, accept-encoding')
    try {
      const { accept, 'accept-encoding': acceptEncoding } = request.headers
      const scrape = await metrics.scrape(accept, Array.isArray(acceptEncoding) ? undefined : acceptEncoding)
      if (scrape.contentEncoding !== undefined) void reply.header('content-encoding', scrape.contentEncoding)
      if (scrape.body instanceof Readable) scrape.body.once('error', failed)
      return await reply.type(scrape.contentType).send(scrape.body)
    } catch (error) {
      failed(error)
      void reply.code(500).type('text/plain; charset=utf-8')
      return reply.send('the metrics cannot be rendered; the log of svidwatch has the reason\n')
    }
  })
}
