import { Pieces } from './pieces.ts'
import { LineSplitter } from './lineSplitter.ts'
import { TooLongError } from './tooLongError.ts'

/** Reads a whole byte stream as UTF-8. Throws `TooLongError` if it has more than `maxBytes`. */
export async function readText(bytes: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  return (await readBytes(bytes, maxBytes)).toString('utf8')
}

/** Reads a whole byte stream. Throws `TooLongError` if it has more than `maxBytes`. */
export async function readBytes(bytes: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const read = new Pieces()
  for await (const chunk of bytes) {
    if (read.length + chunk.length > maxBytes) throw new TooLongError('the answer', maxBytes)
    read.append(chunk)
  }
  return read.bytes()
}

/**
 * Yields the lines of a byte stream as they arrive. Throws `TooLongError` for a line of more than `maxBytes`, and `protocol` if the
 * stream ends in the middle of a line.
 */
export async function* readLines(bytes: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<string> {
  const splitter = new LineSplitter(maxBytes, maxBytes)
  for await (const chunk of bytes) {
    for (const line of splitter.split(chunk)) {
      if (typeof line !== 'string') throw new TooLongError('a line', maxBytes)
      yield line
    }
  }
  splitter.end()
}
