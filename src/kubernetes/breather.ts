import type { Clock } from '../clock.ts'

/** What is done at a stretch takes no longer: a scrape or a probe waits for it. */
const stretchMs = 10

/** Lets other work run now and then while many objects are delivered. */
export class Breather {
  readonly #clock: Clock
  #sinceMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#sinceMs = clock.monotonicMs()
  }

  /** To be awaited after each object: gives way where the last time was long enough ago. */
  async breathe(): Promise<void> {
    if (this.#clock.monotonicMs() - this.#sinceMs < stretchMs) return
    await this.#clock.sleep(0)
    this.#sinceMs = this.#clock.monotonicMs()
  }
}
