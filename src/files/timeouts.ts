import type { Clock } from '../clock.ts'

interface Timeout {
  readonly dueMs: number
  readonly pass: () => void
}

/** Tells what takes longer than `ms`. There is one timer for all, since there are many and few take that long. */
export class Timeouts {
  readonly #clock: Clock
  readonly #ms: number
  /** In the order in which they fall due. */
  readonly #pending = new Set<Timeout>()
  #none = new AbortController()
  #isWaiting = false

  constructor(clock: Clock, ms: number) {
    this.#clock = clock
    this.#ms = ms
  }

  /** Calls `pass` after `ms`, unless the returned function is called before. */
  add(pass: () => void): () => void {
    const timeout = { dueMs: this.#clock.monotonicMs() + this.#ms, pass }
    this.#pending.add(timeout)
    if (!this.#isWaiting) void this.#passWhenDue()
    return () => {
      this.#pending.delete(timeout)
      if (this.#pending.size === 0) this.#none.abort()
    }
  }

  async #passWhenDue(): Promise<void> {
    this.#isWaiting = true
    for (let [next] = this.#pending; next !== undefined; [next] = this.#pending) {
      if (this.#none.signal.aborted) this.#none = new AbortController()
      const waitMs = next.dueMs - this.#clock.monotonicMs()
      if (waitMs > 0) await this.#clock.sleep(waitMs, this.#none.signal)
      else {
        this.#pending.delete(next)
        next.pass()
      }
    }
    this.#isWaiting = false
  }
}
