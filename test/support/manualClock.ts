import type { Clock } from '../../src/clock.ts'

interface Sleeper {
  readonly dueMs: number
  readonly wake: () => void
}

/** A Clock that stands still until a test advances it. Its wall clock can be set without affecting anything else. */
export class ManualClock implements Clock {
  randomValue = 0.5
  #monotonicMs = 0
  #wallAheadMs: number
  readonly #sleepers = new Set<Sleeper>()

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#wallAheadMs = startMs
  }

  now(): number {
    return this.#monotonicMs + this.#wallAheadMs
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  /** Work takes no time on this clock. */
  processorMs(): number {
    return 0
  }

  setBack(ms: number): void {
    this.#wallAheadMs -= ms
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
      const sleeper = { dueMs: this.#monotonicMs + ms, wake }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', wake)
    })
  }

  /**
   * Lets `ms` pass. Every sleep that falls due ends at its own time, the earliest first, and code that awaits it runs before the
   * next one ends. That includes sleeps that begin meanwhile. `advance(0)` only lets promises settle.
   */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#monotonicMs + ms
    await settle()
    for (let next = this.#next(); next !== undefined && next.dueMs <= untilMs; next = this.#next()) {
      this.#monotonicMs = Math.max(this.#monotonicMs, next.dueMs)
      next.wake()
      await settle()
    }
    this.#monotonicMs = untilMs
  }

  #next(): Sleeper | undefined {
    let earliest: Sleeper | undefined
    for (const sleeper of this.#sleepers) {
      if (earliest === undefined || sleeper.dueMs < earliest.dueMs) earliest = sleeper
    }
    return earliest
  }
}

/** Resolves when every promise that can settle without IO or timers has settled, after a turn of the event loop. */
function settle(): Promise<void> {
  // eslint-disable-next-line no-restricted-globals -- a turn of the event loop takes no time
  return new Promise((resolve) => setImmediate(resolve))
}
