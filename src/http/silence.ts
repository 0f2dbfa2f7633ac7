import type { Clock } from '../clock.ts'

/** Aborts its signal when a connection is silent for too long. */
export class Silence {
  readonly #clock: Clock
  readonly #tooLong = new AbortController()
  readonly #ended = new AbortController()
  /** Aborts when the silence is too long, or with the parent. */
  readonly signal: AbortSignal
  #sinceMs: number

  /** The silence begins now. A timer runs until `end` is called. */
  constructor(clock: Clock, limitMs: number, parent: AbortSignal) {
    this.#clock = clock
    this.#sinceMs = clock.monotonicMs()
    this.signal = AbortSignal.any([this.#tooLong.signal, parent])
    void this.#watch(limitMs)
  }

  get isTooLong(): boolean {
    return this.#tooLong.signal.aborted
  }

  /** Data has arrived: the silence starts again. */
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
