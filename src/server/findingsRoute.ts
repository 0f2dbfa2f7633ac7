import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { deadline } from '../clock.ts'
import { findingsContentType, findingsPath, streamMs } from '../nodeStream/contract.ts'
import { liftDeadline, onAnswered } from './answerDeadline.ts'
import { FindingsAdmission } from './findingsAdmission.ts'
import { FindingsQueue } from './findingsQueue.ts'
import { streamFindings } from './findingsStream.ts'
import { securityHeaders } from './clientErrors.ts'
import type { FindingsOffer, ServersOptions } from './options.ts'

type FindingsOptions = FindingsOffer & Pick<ServersOptions, 'clock' | 'log'>

/** Adds GET /api/v1/findings: a stream of the SVIDs that are mounted on this node and of their changes (docs/api.md). */
export function addFindings(http: FastifyInstance, options: FindingsOptions): void {
  const { view } = options
  const closing = new AbortController()
  let hasSeenFiles = view.filesTrouble() === undefined
  const endWatch = view.follow('sight', () => (hasSeenFiles ||= view.filesTrouble() === undefined))
  http.addHook('preClose', (done) => {
    endWatch()
    closing.abort()
    done()
  })
  const admission = new FindingsAdmission(options)
  http.addHook('onReady', () => admission.warn())
  http.get(findingsPath, async (request, reply) => {
    const token = await admission.check(request, reply)
    if (request.method === 'HEAD') return reply.type(findingsContentType).send()
    const leave = admission.enter(token, reply)
    reply.hijack()
    try {
      const queue = new FindingsQueue(view, () => hasSeenFiles)
      await follow({ request: request.raw, response: reply.raw }, queue, options, closing.signal)
    } finally {
      leave()
    }
    return reply
  })
}

/** Streams until the client has gone, streamMs has passed or the server closes. */
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
    view.follow('finding', (finding) => queue.addFinding(finding)),
    view.follow('sight', ({ name }) => name === 'mountedSvids' && queue.addSight()),
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
