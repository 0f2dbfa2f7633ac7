import type { Clock } from '../clock.ts'
import { Backoff } from './backoff.ts'

/** Life measures how long one attempt has been going well. */
export class Life {
  readonly #clock: Clock
  readonly #steadyMs: number
  #sinceMs = Infinity

  constructor(clock: Clock, steadyMs: number) {
    this.#clock = clock
    this.#steadyMs = steadyMs
  }

  /** The attempt goes well from now on. */
  begun(): void {
    this.#sinceMs = this.#clock.monotonicMs()
  }

  /** Reports whether the attempt has gone well for so long that it is a success, however it ends. */
  get isSteady(): boolean {
    return this.#clock.monotonicMs() - this.#sinceMs >= this.#steadyMs
  }
}

/** The effect of a failure on the wait after it. */
export interface Wait {
  /** The failure counts as the first in a row. */
  readonly isFirst?: boolean
  /** How long the server asks to wait (Retry-After), ms. */
  readonly retryAfterMs?: number | undefined
}

export interface RetryOptions<Result> {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** An attempt that has gone well for this long is a success: the next failure is the first in a row. Never by default. */
  readonly steadyMs?: number
  /** Makes one attempt, and calls `life.begun` once it goes well. undefined: the next attempt is due. */
  readonly attempt: (life: Life) => Promise<Result | undefined>
  /** Returns the effect of a failure on the wait. By default, waits depend only on the number of failures in a row. */
  readonly waitAfter?: (thrown: unknown) => Wait
  /** Called for each failed attempt, with the wait before the next one. A result ends the attempts. */
  readonly failed: (thrown: unknown, retryInMs: number) => Result | undefined
}

/**
 * Makes attempts until there is a result, after longer and longer waits (`Backoff`), but at once after a success. The wait after an
 * attempt that ends before it is steady is that of a failure. Returns undefined if `signal` has aborted.
 */
export async function retry<Result>(options: RetryOptions<Result>): Promise<Result | undefined> {
  const { clock, signal } = options
  const backoff = new Backoff(clock)
  while (!signal.aborted) {
    const { result, waitMs = 0 } = await tryOnce(options, backoff)
    if (result !== undefined) return result
    await clock.sleep(waitMs, signal)
  }
  return undefined
}

interface Outcome<Result> {
  readonly result?: Result | undefined
  readonly waitMs?: number
}

async function tryOnce<Result>(options: RetryOptions<Result>, backoff: Backoff): Promise<Outcome<Result>> {
  const { clock, signal, steadyMs = Infinity, attempt, waitAfter, failed } = options
  const life = new Life(clock, steadyMs)
  try {
    const result = await attempt(life)
    if (result !== undefined) return { result }
    if (!life.isSteady) return { waitMs: backoff.nextMs() }
    backoff.reset()
    return {}
  } catch (thrown) {
    if (signal.aborted) return {}
    const { isFirst = false, retryAfterMs } = waitAfter?.(thrown) ?? {}
    if (isFirst || life.isSteady) backoff.reset()
    const waitMs = backoff.nextMs(retryAfterMs)
    return { result: failed(thrown, waitMs), waitMs }
  }
}
