import type { Clock } from './clock.ts'

/** The longest time in ms for which long work holds the event loop, because scrapes and probes wait for it. */
const stretchMs = 4

/**
 * Other work that takes more of the processor in one turn is a flood of requests. Long work then gets as much time as the flood, up
 * to a limit. A turn that is long because the machine runs something else is no flood: a longer stretch would make it longer still.
 */
const floodMs = 20
const longestStretchMs = 50

/** One moment, in the times of a clock. */
interface Moment {
  readonly ms: number
  readonly processorMs: number
}

const momentOf = (clock: Clock): Moment => ({ ms: clock.monotonicMs(), processorMs: clock.processorMs() })

/** Thread has all long work of one event loop, which gets one stretch in each turn of the loop. Pieces that wait go on in turn. */
class Thread {
  readonly #clock: Clock
  readonly #waiting: (() => void)[] = []
  #sinceMs = -Infinity
  /** When the stretch was used up; until then, when it began. */
  #othersSince: Moment = { ms: -Infinity, processorMs: -Infinity }
  #isUsedUp = false
  #stretchMs = stretchMs
  #hadStretchInTurn = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Begins the stretch of this turn, unless it has had one, which is shared by what begins later. */
  begin(): void {
    if (!this.#hadStretchInTurn) void this.#giveStretches()
  }

  /** Returns undefined if the caller may go on at once, and else a promise that resolves when it may. */
  pause(): Promise<void> | undefined {
    this.begin()
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#sinceMs < this.#stretchMs) return undefined
    if (!this.#isUsedUp) this.#othersSince = momentOf(this.#clock)
    this.#isUsedUp = true
    return new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Gives a stretch to this turn, and to each one after it while work waits. */
  async #giveStretches(): Promise<void> {
    this.#hadStretchInTurn = true
    do {
      this.#othersSince = momentOf(this.#clock)
      this.#sinceMs = this.#othersSince.ms
      this.#isUsedUp = false
      this.#waiting.shift()?.()
      await this.#clock.sleep(0)
      this.#stretchMs = this.#nextStretchMs()
    } while (this.#waiting.length > 0)
    this.#hadStretchInTurn = false
  }

  #nextStretchMs(): number {
    const { ms, processorMs } = momentOf(this.#clock)
    const isFlooded = processorMs - this.#othersSince.processorMs > floodMs
    return isFlooded ? Math.min(ms - this.#othersSince.ms, longestStretchMs) : stretchMs
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

  /** Gives way if the stretch is over. Must be called after each object, and what it returns must be awaited. */
  breathe(): Promise<void> | undefined {
    return this.#thread.pause()
  }
}

/** Runs long work in slices, between which other work runs. `work` yields wherever it may be interrupted. */
export async function inSlices<Result>(clock: Clock, work: Iterator<undefined, Result>): Promise<Result> {
  const breather = new Breather(clock)
  for (;;) {
    await breather.breathe()
    const step = work.next()
    if (step.done === true) return step.value
  }
}
