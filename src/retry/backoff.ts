import type { Clock } from '../clock.ts'

const baseMs = 500
const maxMs = 30_000
const maxRetryAfterMs = 60_000

/**
 * Backoff computes how long to wait after failures in a row: 0.5 s at first, twice as long each time, up to 30 s. The second half
 * of each wait is random, so that many clients do not retry at the same time.
 */
export class Backoff {
  readonly #clock: Clock
  #failures = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Counts one more failure and returns the wait after it, ms: at least the server's Retry-After, up to 60 s. */
  nextMs(retryAfterMs = 0): number {
    const fullMs = Math.min(maxMs, baseMs * 2 ** this.#failures)
    this.#failures += 1
    const waitMs = Math.round((fullMs / 2) * (1 + this.#clock.random()))
    return Math.max(waitMs, Math.min(retryAfterMs, maxRetryAfterMs))
  }

  reset(): void {
    this.#failures = 0
  }
}
