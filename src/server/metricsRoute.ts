import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import { decompressed } from '../metrics/compress.ts'
import { acceptsGzip } from '../metrics/negotiate.ts'
import { onAnswered } from './answerDeadline.ts'
import type { ServersOptions } from './options.ts'
import { Places, type Leave } from './places.ts'
import { overloaded } from './requestError.ts'
import { sendText } from './sendText.ts'
import type { UnreadAnswers } from './unreadAnswers.ts'

/** The most scrapes that wait for their text. Those in the same format share it. */
const maxScrapes = 96

/** Text that is not compressed is more than ten times as long. Sending it takes longer than making it. */
const plainAtOnce = 2
/** A client that takes longer to read costs little at a time, and no longer holds up others. */
const plainPlaceMs = 2_000

interface MetricsRouteOptions extends Pick<ServersOptions, 'metrics' | 'log' | 'clock'> {
  readonly unread: UnreadAnswers
}

/**
 * Adds GET /metrics, in the format and encoding of the request's Accept headers. The text is compressed for every client, and is
 * decompressed as it is read by those that do not take it compressed.
 */
export function addMetrics(http: FastifyInstance, { metrics, log, clock, unread }: MetricsRouteOptions): void {
  const scrapes = new Places(clock, maxScrapes, 0)
  const plainScrapes = new Places(clock, plainAtOnce, maxScrapes)
  http.get('/metrics', async (request, reply) => {
    const isPlain = !acceptsGzip(headerOf(request, 'accept-encoding'))
    if (isPlain) leaveInTime(await enter(plainScrapes, request, reply), request, clock)
    const leave = await enter(scrapes, request, reply)
    void reply.header('vary', 'accept, accept-encoding')
    let compressed: Buffer
    try {
      const { body, contentType } = await metrics.scrape(headerOf(request, 'accept'))
      leave()
      unread.hold(request.raw, body)
      void reply.type(contentType)
      if (!isPlain) return await reply.header('content-encoding', 'gzip').send(body)
      compressed = body
    } catch (error) {
      log.error({ event: 'scrape_failed' }, `GET /metrics: ${messageOf(error)}`)
      void reply.code(500).type('text/plain; charset=utf-8')
      return reply.send('the metrics cannot be rendered; the log of svidwatch has the reason\n')
    }
    if (request.method === 'HEAD') return reply.send(Readable.from([]))
    return sendText(request, reply, decompressed(compressed))
  })
}

function headerOf({ headers }: FastifyRequest, name: 'accept' | 'accept-encoding'): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? undefined : value
}

async function enter(places: Places, { raw }: FastifyRequest, reply: FastifyReply): Promise<Leave> {
  const leave = await places.enter(raw)
  if (leave === undefined) throw overloaded(reply, 'too many scrapes of /metrics are in progress', 1)
  return leave
}

function leaveInTime(leave: Leave, { raw }: FastifyRequest, clock: Clock): void {
  const answered = new AbortController()
  onAnswered(raw, () => answered.abort())
  void clock.sleep(plainPlaceMs, answered.signal).then(leave)
}
