import type { IncomingMessage } from 'node:http'
import { ApiError } from './status.ts'

/** What the API server accepts. */
const maxBytes = 3 * 1024 * 1024

/** The JSON of a request's body; undefined where it is empty. Throws ApiError. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  // The socket must survive a refusal: the answer goes through it.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) {
      throw new ApiError('RequestEntityTooLarge', `Request entity too large: limit is ${maxBytes}`)
    }
    chunks.push(chunk)
  }
  if (bytes === 0) return undefined
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch (cause) {
    throw new ApiError('BadRequest', `the object provided is no JSON: ${String(cause)}`)
  }
}
