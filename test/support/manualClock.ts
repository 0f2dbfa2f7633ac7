import type { Clock } from '../../src/clock.ts'

interface Sleeper {
  readonly dueMs: number
  readonly wake: () => void
}

/** A Clock that stands still until a test advances it. */
export class ManualClock implements Clock {
  /** What `random` answers. */
  randomValue = 0.5
  #nowMs: number
  readonly #sleepers = new Set<Sleeper>()

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs
  }

  now(): number {
    return this.#nowMs
  }

  random(): number {
    return this.randomValue
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) {
        resolve()
        return
      }
      const wake = () => {
        this.#sleepers.delete(sleeper)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper = { dueMs: this.#nowMs + ms, wake }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', wake)
    })
  }

  /**
   * Lets `ms` pass: every sleep that falls due ends at its own time, the earliest first, and what waits for it runs before
   * the next one ends. Sleeps that begin meanwhile count too. `advance(0)` only lets promises settle.
   */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms
    await settle()
    for (let next = this.#next(); next !== undefined && next.dueMs <= untilMs; next = this.#next()) {
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.wake()
      await settle()
    }
    this.#nowMs = untilMs
  }

  #next(): Sleeper | undefined {
    let earliest: Sleeper | undefined
    for (const sleeper of this.#sleepers) {
      if (earliest === undefined || sleeper.dueMs < earliest.dueMs) earliest = sleeper
    }
    return earliest
  }
}

/** Resolves when every promise that can settle without IO or timers has settled: a turn of the event loop comes after them. */
function settle(): Promise<void> {
  // eslint-disable-next-line no-restricted-globals -- no time passes in a turn of the event loop
  return new Promise((resolve) => setImmediate(resolve))
}
