import { HttpError } from './httpError.ts'

/** A server sends more bytes than are allowed. */
export class TooLongError extends HttpError {
  constructor(what: string, maxBytes: number) {
    super('protocol', `${what} is longer than ${maxBytes} bytes`)
  }
}

/** Reads a whole byte stream as UTF-8. Throws `TooLongError` if it has more than `maxBytes`. */
export async function readText(bytes: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  return (await readBytes(bytes, maxBytes)).toString('utf8')
}

/** Reads a whole byte stream. Throws `TooLongError` if it has more than `maxBytes`. */
export async function readBytes(bytes: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of bytes) {
    length += chunk.length
    if (length > maxBytes) throw new TooLongError('the answer', maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const newline = 0x0a

/**
 * Yields the lines of a byte stream as they arrive. Throws `TooLongError` for a line of more than `maxBytes`, and `protocol` if the
 * stream ends in the middle of a line.
 */
export async function* readLines(bytes: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<string> {
  let begun: Buffer[] = []
  let length = 0
  for await (const chunk of bytes) {
    let start = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      if (length + end - start > maxBytes) throw new TooLongError('a line', maxBytes)
      const rest = chunk.subarray(start, end)
      yield (length === 0 ? rest : Buffer.concat([...begun, rest])).toString('utf8')
      begun = []
      length = 0
      start = end + 1
    }
    begun.push(chunk.subarray(start))
    length += chunk.length - start
    if (length > maxBytes) throw new TooLongError('a line', maxBytes)
  }
  if (length > 0) throw new HttpError('protocol', 'the stream ended in the middle of a line')
}
