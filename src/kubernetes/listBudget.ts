import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'

const mebibyte = 1024 * 1024

/**
 * The most that one share holds, as the bytes of JSON that the API server sends. 500 objects of the usual 4 to 8 KiB fit into it, and
 * one object that uses up what etcd allows, 1.5 MiB. Larger shares would also hold the event loop for longer, because JSON is parsed
 * in one go.
 */
export const shareBytes = 4 * mebibyte

/**
 * JSON takes up to eight times its length while it is read: as bytes, as text of two bytes for each character, which one wide character
 * is enough for, and as objects. An eighth of the memory is thus enough for one share of each 256 MiB.
 */
const memoryForShare = 256 * mebibyte
/** More would not be faster: all of them are parsed by one thread. */
const maxShares = 8

/** Ends the use of a share. Must be called once. */
export type Release = () => void

/** ListBudget divides the memory that all lists and watches of a client may hold together. Whoever needs a share waits for it in turn. */
export class ListBudget {
  #free: number
  readonly #waiting = new Set<() => void>()

  constructor(shares: number) {
    this.#free = shares
  }

  /** Resolves when there is a share of `shareBytes`. Throws the reason of `signal` if it aborts before. */
  async take(signal: AbortSignal): Promise<Release> {
    signal.throwIfAborted()
    if (this.#free > 0) this.#free -= 1
    else await this.#turn(signal)
    return () => this.#release()
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const turn = () => resolve(undefined)
    const abort = () => {
      this.#waiting.delete(turn)
      reject(signal.reason as Error)
    }
    this.#waiting.add(turn)
    signal.addEventListener('abort', abort)
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  #release(): void {
    const [next] = this.#waiting
    if (next === undefined) this.#free += 1
    else {
      this.#waiting.delete(next)
      next()
    }
  }
}

/** Returns the number of shares for so much memory. */
export function sharesFor(memoryBytes: number): number {
  return Math.min(Math.max(Math.floor(memoryBytes / memoryForShare), 1), maxShares)
}

/**
 * Returns the memory that this process may use: the limit of its container, or that of the machine. V8 may be allowed less; by default
 * its heap has about half of the container's limit.
 */
export function processMemoryBytes(): number {
  const limit = process.constrainedMemory()
  return Math.min(limit > 0 ? limit : Infinity, totalmem(), 2 * getHeapStatistics().heap_size_limit)
}
