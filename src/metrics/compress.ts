import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { constants, createGunzip, createGzip, type Gzip } from 'node:zlib'
import { Breather } from '../breather.ts'
import type { Clock } from '../clock.ts'

/** Each chunk takes a turn of the event loop. With a quarter of this size, decompressing took a quarter longer. */
const chunkSize = 262_144

/** Level 1 takes a third of the time of level 6, and its output is less than a tenth larger for text with many labels. */
const options = { level: constants.Z_BEST_SPEED, chunkSize }

/**
 * The bytes of text that are handed to a thread at a time. Each portion takes a turn of the event loop, of which there are few while
 * others keep it busy. With a 64th of this size, compressing also took a third longer.
 */
const portionBytes = 2 * 1024 * 1024

/** The most UTF-8 bytes for each UTF-16 code unit of a string. */
const maxBytesPerUnit = 3

/** Compresses text in other threads. It is rendered piece by piece, with pauses in which other work runs. */
export async function compress(pieces: Iterable<string>, clock: Clock): Promise<Buffer> {
  const gzip = createGzip(options)
  const [compressed] = await Promise.all([buffer(gzip), feed(gzip, pieces, new Breather(clock))])
  return compressed
}

/** Encodes every portion into the same buffer. A new buffer for each took half as long again and kept the garbage collector busy. */
async function feed(gzip: Gzip, pieces: Iterable<string>, breather: Breather): Promise<void> {
  const portion = Buffer.allocUnsafeSlow(portionBytes)
  let used = 0
  for (const piece of pieces) {
    const pause = breather.breathe()
    if (pause) await pause
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

/** Returns the text of `compressed`, which other threads decompress no faster than it is read. */
export function decompressed(compressed: Buffer): Readable {
  const text = createGunzip({ chunkSize })
  text.end(compressed)
  return text
}
