import { systemClock, type Clock } from '../../../src/clock.ts'

/** How simulated time runs: since when, both in ms since the Unix epoch, and how many times as fast as real time. */
export interface Pace {
  readonly simulatedMs: number
  readonly realMs: number
  readonly speed: number
}

/** Shorter sleeps are pauses, and deadlines for what takes its real time: they last as long as they say. */
const shortMs = 60_000
/** A watch that lives for minutes has half a minute of grace to end, which must not shrink to nothing. */
const mostShortening = 10

/** A Clock that shows real time at first, and then runs fast or stands still; long sleeps are then shorter, whichever it does. */
export class FastClock implements Clock {
  #pace: Pace = { simulatedMs: 0, realMs: 0, speed: 1 }
  #shortening = 1
  /** Wakes what began to sleep before sleeps were shortened. */
  readonly #accelerated = new AbortController()

  now(): number {
    const { simulatedMs, realMs, speed } = this.#pace
    return simulatedMs + (systemClock.now() - realMs) * speed
  }

  monotonicMs(): number {
    return this.now()
  }

  processorMs(): number {
    return systemClock.processorMs()
  }

  random(): number {
    return systemClock.random()
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= shortMs) return systemClock.sleep(ms, signal)
    if (this.#shortening > 1) return systemClock.sleep(ms / this.#shortening, signal)
    const untilMs = this.now() + ms
    const { signal: accelerated } = this.#accelerated
    await systemClock.sleep(ms, signal ? AbortSignal.any([signal, accelerated]) : accelerated)
    if (!signal?.aborted && this.now() < untilMs) await this.sleep(untilMs - this.now(), signal)
  }

  /** Runs from now on `speed` times as fast as real time. */
  goOn(speed: number): Pace {
    const pace = { simulatedMs: this.now(), realMs: systemClock.now(), speed }
    this.follow(pace)
    return pace
  }

  /** Runs as the clock of another process on this machine. */
  follow(pace: Pace): void {
    this.#pace = pace
    this.#shortening = Math.min(pace.speed, mostShortening)
    this.#accelerated.abort()
  }

  standStill(): void {
    this.#pace = { simulatedMs: this.now(), realMs: systemClock.now(), speed: 0 }
  }
}
