import type { Clock } from '../clock.ts'

/** Ends what has been silent for too long. */
export class Silence {
  readonly #clock: Clock
  readonly #tooLong = new AbortController()
  readonly #ended = new AbortController()
  /** Aborts after too long a silence, or with the parent. */
  readonly signal: AbortSignal
  #sinceMs: number

  /** It is silent from now on; `limitMs` of that are too long. `end` must be called in the end: a timer runs. */
  constructor(clock: Clock, limitMs: number, parent: AbortSignal) {
    this.#clock = clock
    this.#sinceMs = clock.monotonicMs()
    this.signal = AbortSignal.any([this.#tooLong.signal, parent])
    void this.#watch(limitMs)
  }

  get isTooLong(): boolean {
    return this.#tooLong.signal.aborted
  }

  /** Something was heard. */
  broken(): void {
    this.#sinceMs = this.#clock.monotonicMs()
  }

  end(): void {
    this.#ended.abort()
  }

  async #watch(limitMs: number): Promise<void> {
    const { signal } = this.#ended
    while (!signal.aborted) {
      const leftMs = this.#sinceMs + limitMs - this.#clock.monotonicMs()
      if (leftMs <= 0) return this.#tooLong.abort()
      await this.#clock.sleep(leftMs, signal)
    }
  }
}
