import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { deadline } from '../clock.ts'
import { findingsContentType, findingsPath, silentMs, streamMs } from '../nodeStream/contract.ts'
import { liftDeadline } from './answerDeadline.ts'
import { FindingsAdmission } from './findingsAdmission.ts'
import { FindingsQueue } from './findingsQueue.ts'
import { streamFindings } from './findingsStream.ts'
import { securityHeaders } from './http.ts'
import { onAnswered } from './onAnswered.ts'
import type { FindingsOffer, ServersOptions } from './options.ts'
import { RequestError } from './requestError.ts'

type FindingsOptions = FindingsOffer & Pick<ServersOptions, 'clock' | 'log'>

/** Replicas of the cluster role, twice while they are replaced, and connections that nobody has noticed to be dead. */
const maxFollowers = 8

/** GET /api/v1/findings: what is mounted on this node, and each change of it, as a stream (docs/api.md). */
export function addFindings(http: FastifyInstance, options: FindingsOptions): void {
  const { view, tally } = options
  const closing = new AbortController()
  let hasSeen = view.blindness() === undefined
  const endWatch = view.follow('sight', () => (hasSeen ||= view.blindness() === undefined))
  http.addHook('preClose', (done) => {
    endWatch()
    closing.abort()
    done()
  })
  const admission = new FindingsAdmission(options)
  http.addHook('onReady', () => admission.warn())
  http.get(findingsPath, async (request, reply) => {
    await admission.check(request, reply)
    if (request.method === 'HEAD') return reply.type(findingsContentType).send()
    if (tally.followers >= maxFollowers) {
      void reply.header('retry-after', String(silentMs / 1000))
      throw new RequestError('overloaded', `${maxFollowers} follow the findings already: ask again later`)
    }
    reply.hijack()
    tally.followers += 1
    try {
      const queue = new FindingsQueue(view, () => hasSeen)
      await follow({ request: request.raw, response: reply.raw }, queue, options, closing.signal)
    } finally {
      tally.followers -= 1
    }
    return reply
  })
}

/** Streams until the client is gone, the time is over or the server closes. */
async function follow(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  queue: FindingsQueue,
  { view, clock }: FindingsOptions,
  closing: AbortSignal,
): Promise<void> {
  const gone = new AbortController()
  onAnswered(request, () => gone.abort())
  response.on('error', () => gone.abort())
  liftDeadline(request)
  const over = deadline(clock, streamMs, AbortSignal.any([gone.signal, closing]))
  const endFollowing = [
    view.follow('finding', (finding) => queue.note(finding)),
    view.follow('sight', ({ name }) => name === 'mountedSvids' && queue.noteSight()),
  ]
  try {
    response.writeHead(200, { ...securityHeaders, 'content-type': findingsContentType, connection: 'close' })
    response.flushHeaders()
    await streamFindings(queue, response, clock, over.signal)
  } finally {
    for (const end of endFollowing) end()
    over.cancel()
  }
}
