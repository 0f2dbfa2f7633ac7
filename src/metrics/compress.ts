import { buffer } from 'node:stream/consumers'
import { constants, createGzip, type Gzip } from 'node:zlib'

/** Level 1 takes a third of the time of level 6, and its output is less than a tenth larger for text with many labels. */
const options = { level: constants.Z_BEST_SPEED, chunkSize: 65_536 }

/**
 * The bytes of text that are handed to a thread at a time. The event loop renders them in about a millisecond. With a 16th of
 * this size, compressing took a third longer.
 */
const portionBytes = 524_288

/** The most UTF-8 bytes for each UTF-16 code unit of a string. */
const maxBytesPerUnit = 3

/** Compresses text, rendered piece by piece, in other threads, so that the event loop is never busy for longer than one portion. */
export async function compress(pieces: Iterable<string>): Promise<Buffer> {
  const gzip = createGzip(options)
  const [compressed] = await Promise.all([buffer(gzip), feed(gzip, pieces)])
  return compressed
}

/** Encodes every portion into the same buffer. A new buffer for each took half as long again and kept the garbage collector busy. */
async function feed(gzip: Gzip, pieces: Iterable<string>): Promise<void> {
  const portion = Buffer.allocUnsafeSlow(portionBytes)
  let used = 0
  for (const piece of pieces) {
    const mostBytes = piece.length * maxBytesPerUnit
    if (used + mostBytes > portionBytes) {
      await write(gzip, portion.subarray(0, used))
      used = 0
    }
    if (mostBytes > portionBytes) await write(gzip, Buffer.from(piece))
    else used += portion.write(piece, used)
  }
  await write(gzip, portion.subarray(0, used))
  gzip.end()
}

/** Resolves once the data has been compressed, so that its buffer can be reused. */
function write(gzip: Gzip, data: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    gzip.write(data, (error) => (error ? reject(error) : resolve()))
  })
}
