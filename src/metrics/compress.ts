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

/** Encodes about a sixth faster than a Buffer, and tells how much of a text had room. */
const encoder = new TextEncoder()

/** Compresses text in other threads. It is rendered piece by piece, with pauses in which other work runs. */
export async function compress(pieces: Iterable<string>, clock: Clock): Promise<Buffer> {
  const gzip = createGzip(options)
  const [compressed] = await Promise.all([collect(gzip), feed(gzip, pieces, new Breather(clock))])
  return compressed
}

async function collect(gzip: Gzip): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of gzip) chunks.push(chunk as Buffer)
  const whole = Buffer.concat(chunks)
  for (const chunk of chunks) freeMemory(chunk)
  return whole
}

/** Encodes every portion into the same buffer. A new buffer for each took half as long again and kept the garbage collector busy. */
async function feed(gzip: Gzip, pieces: Iterable<string>, breather: Breather): Promise<void> {
  const portion = Buffer.allocUnsafeSlow(portionBytes)
  let used = 0
  for (const piece of pieces) {
    const pause = breather.breathe()
    if (pause) await pause
    for (let rest = piece; rest !== '';) {
      const { read, written } = encoder.encodeInto(rest, portion.subarray(used))
      used += written
      rest = rest.slice(read)
      if (rest === '') break
      await write(gzip, portion.subarray(0, used))
      used = 0
    }
  }
  await write(gzip, portion.subarray(0, used))
  gzip.end()
  freeMemory(portion)
}

/** Resolves once the data has been compressed, so that its buffer can be reused. */
function write(gzip: Gzip, data: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    gzip.write(data, (error) => (error ? reject(error) : resolve()))
  })
}

/**
 * Yields the text of `compressed`, which other threads decompress no faster than it is read. The memory of a chunk is freed when the
 * next one is asked for, so nothing may use the chunk by then.
 */
export async function* decompressed(compressed: Buffer): AsyncGenerator<Buffer, undefined> {
  const text = createGunzip({ chunkSize })
  text.end(compressed)
  for await (const chunk of text as AsyncIterable<Buffer>) {
    yield chunk
    // The stream goes on to write into the memory of a chunk that is not full.
    if (chunk.length === chunkSize) freeMemory(chunk)
  }
  return undefined
}

/**
 * Frees the memory of a buffer, which nothing may use any more. The garbage collector would leave up to 64 MB of such buffers: it acts
 * when its own heap is full, and they are not on that.
 */
function freeMemory({ buffer }: Buffer): void {
  if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0)
}
