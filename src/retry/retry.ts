import type { Clock } from '../clock.ts'
import { Backoff } from './backoff.ts'

/** How long one attempt has been going well. */
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

  /** Whether it has gone well for so long that it is a success, however it ends. */
  get isSteady(): boolean {
    return this.#clock.monotonicMs() - this.#sinceMs >= this.#steadyMs
  }
}

/** What a failure means for the wait that follows it. */
export interface Wait {
  /** It is the first one in a row, whatever was before it. */
  readonly isFirst?: boolean
  /** What whoever was asked wants one to wait. */
  readonly retryAfterMs?: number | undefined
}

export interface RetryOptions<Result> {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** An attempt that has gone well for so long is a success: the next failure is the first one in a row. Never unless said. */
  readonly steadyMs?: number
  /** One attempt; `life.begun` is to be called once it goes well. undefined: it has ended, and the next one is due. */
  readonly attempt: (life: Life) => Promise<Result | undefined>
  /** Is asked for each failure; undefined: waits depend on nothing but how many there were. */
  readonly waitAfter?: (thrown: unknown) => Wait
  /** Is told why an attempt failed, and how long the wait before the next one is; a result ends the attempts. */
  readonly failed: (thrown: unknown, retryInMs: number) => Result | undefined
}

/**
 * Tries again and again until there is a result, after longer and longer waits (`Backoff`), but at once after a success. An attempt
 * that ends before it is steady is waited after like a failure. undefined: `signal` has aborted.
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
  /** Until the next attempt. */
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
