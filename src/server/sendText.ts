import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { onAnswered } from './answerDeadline.ts'

/**
 * Sends chunks as the client reads them. The next chunk is asked for once the one before has left this process, so that its memory may
 * be used again. Throws what the first chunk throws; after that, an error destroys the connection.
 */
export async function sendText(
  request: FastifyRequest,
  reply: FastifyReply,
  chunks: AsyncGenerator<Buffer, undefined>,
): Promise<FastifyReply> {
  const first = await chunks.next()
  reply.hijack()
  reply.raw.writeHead(reply.statusCode, reply.getHeaders() as NodeJS.Dict<string>)
  const write = writerTo(request.raw, reply.raw)
  try {
    for (let chunk = first; chunk.done !== true; chunk = await chunks.next()) await write(chunk.value)
    reply.raw.end()
  } catch {
    reply.raw.destroy()
    await chunks.return(undefined)
  }
  return reply
}

/** Returns a function that writes a chunk. It resolves once the system has taken the chunk, and throws if the client is gone. */
function writerTo(request: IncomingMessage, response: ServerResponse): (chunk: Buffer) => Promise<void> {
  const gone = Promise.withResolvers<never>()
  gone.promise.catch(() => undefined)
  onAnswered(request, () => gone.reject(new Error('the connection is closed')))
  return (chunk) => {
    const written = Promise.withResolvers<undefined>()
    response.write(chunk, (error) => (error ? written.reject(error) : written.resolve(undefined)))
    return Promise.race([written.promise, gone.promise])
  }
}
