import type { Clock } from './clock.ts'

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

/** Does work that takes long in slices, between which other work runs: `work` yields wherever it may be interrupted. */
export async function inSlices<Result>(clock: Clock, work: Iterator<undefined, Result>): Promise<Result> {
  const breather = new Breather(clock)
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value
    await breather.breathe()
  }
}
