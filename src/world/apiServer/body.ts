import type { IncomingMessage } from 'node:http'
import { ApiError } from './status.ts'

/** The largest body that the API server accepts. */
const maxBytes = 3 * 1024 * 1024

/** Reads the JSON body of a request; undefined if the body is empty. Throws ApiError. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  // The socket must stay open after a refusal, because the answer is sent through it.
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
