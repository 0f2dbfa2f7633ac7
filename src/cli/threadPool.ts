import { maxPlaces } from '../files/fileCalls.ts'

/** The threads that calls to file systems never take: for DNS, compression and signatures. */
const reservedThreads = 4

/**
 * Asks libuv for a pool of 36 threads, unless the environment says how many. libuv reads the variable when its pool is first used.
 * Loading modules does not use it, so a program may set the variable itself, before everything else that it does.
 */
export function sizeThreadPool(): void {
  process.env.UV_THREADPOOL_SIZE ??= String(maxPlaces + reservedThreads)
}

/** Returns how many calls to file systems may be under way, in a pool of the size that the environment says: 1 to 32. */
export function filePlaces(): number {
  const threads = Math.trunc(Number(process.env.UV_THREADPOOL_SIZE)) || 1
  return Math.min(Math.max(threads - reservedThreads, 1), maxPlaces)
}
