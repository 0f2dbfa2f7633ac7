import type { Clock } from './clock.ts'

/** How long works of this file may keep the thread at a stretch, in milliseconds. A scrape or a probe waits that long. */
const stretchMs = 10

/** The works that share one thread. After each stretch they all give way, and one of them goes on: first come, first served. */
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

  /** A new work begins a stretch, unless another work has one or waits for one. */
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

/** Lets other work run now and then during work that takes long. Works of one clock share one thread. */
export class Breather {
  readonly #thread: Thread

  constructor(clock: Clock) {
    this.#thread = threads.get(clock) ?? new Thread(clock)
    threads.set(clock, this.#thread)
    this.#thread.begin()
  }

  /** Gives way if the stretch is over. Await it after each object. */
  async breathe(): Promise<void> {
    if (this.#thread.isStretchOver) await this.#thread.giveWay()
  }
}

/** Does work that takes long in slices, between which other work runs. `work` yields wherever it may be interrupted. */
export async function inSlices<Result>(clock: Clock, work: Iterator<undefined, Result>): Promise<Result> {
  const breather = new Breather(clock)
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value
    await breather.breathe()
  }
}
