import type { Clock } from './clock.ts'

/** The longest time in ms for which long work holds the event loop, because scrapes and probes wait for it. */
const stretchMs = 5

/** Thread has all long work of one event loop. After each stretch all of it gives way. Then one piece goes on, in turn. */
class Thread {
  readonly #clock: Clock
  readonly #waiting: (() => void)[] = []
  #sinceMs = -Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isStretchOver(): boolean {
    return this.#clock.monotonicMs() - this.#sinceMs >= stretchMs
  }

  /** Begins a stretch for new work, unless other work is in one or waits for one. */
  begin(): void {
    if (this.isStretchOver && this.#waiting.length === 0) this.#sinceMs = this.#clock.monotonicMs()
  }

  giveWay(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) void this.#resumeAll()
    })
  }

  async #resumeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#clock.sleep(0)
      this.#sinceMs = this.#clock.monotonicMs()
      this.#waiting.shift()?.()
    }
  }
}

const threads = new WeakMap<Clock, Thread>()

/** Breather lets other work run now and then while many objects are processed. All with the same clock share one thread. */
export class Breather {
  readonly #thread: Thread

  constructor(clock: Clock) {
    this.#thread = threads.get(clock) ?? new Thread(clock)
    threads.set(clock, this.#thread)
    this.#thread.begin()
  }

  /** Gives way if the stretch is over. Must be awaited after each object. */
  async breathe(): Promise<void> {
    if (this.#thread.isStretchOver) await this.#thread.giveWay()
  }
}

/** Runs long work in slices, between which other work runs. `work` yields wherever it may be interrupted. */
export async function inSlices<Result>(clock: Clock, work: Iterator<undefined, Result>): Promise<Result> {
  const breather = new Breather(clock)
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value
    await breather.breathe()
  }
}
