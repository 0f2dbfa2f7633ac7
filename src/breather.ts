import type { Clock } from './clock.ts'

/** The longest time for which work holds the event loop, because scrapes and probes wait for it. */
const stretchMs = 10

/** Breather lets other work run now and then while many objects are processed. */
export class Breather {
  readonly #clock: Clock
  #sinceMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#sinceMs = clock.monotonicMs()
  }

  /** Must be awaited after each object. Lets other work run if it has not for `stretchMs`. */
  async breathe(): Promise<void> {
    if (this.#clock.monotonicMs() - this.#sinceMs < stretchMs) return
    await this.#clock.sleep(0)
    this.#sinceMs = this.#clock.monotonicMs()
  }
}

/** Runs long work in slices, between which other work runs, and returns its result. `work` yields where it may be interrupted. */
export async function inSlices<Result>(clock: Clock, work: Iterator<undefined, Result>): Promise<Result> {
  const breather = new Breather(clock)
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value
    await breather.breathe()
  }
}
