import { systemClock, type Clock } from '../../src/clock.ts'

/** The real clock, on which a test can let time pass at once. */
export class SkippingClock implements Clock {
  #skippedMs = 0
  #skipped = new AbortController()

  now(): number {
    return systemClock.now() + this.#skippedMs
  }

  monotonicMs(): number {
    return systemClock.monotonicMs() + this.#skippedMs
  }

  processorMs(): number {
    return systemClock.processorMs()
  }

  random(): number {
    return systemClock.random()
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms === 0) return systemClock.sleep(ms, signal)
    const endMs = this.monotonicMs() + ms
    while (this.monotonicMs() < endMs && signal?.aborted !== true) {
      const { signal: skipped } = this.#skipped
      await systemClock.sleep(endMs - this.monotonicMs(), signal ? AbortSignal.any([signal, skipped]) : skipped)
    }
  }

  /** Lets `ms` pass. Every sleep that falls due ends soon. */
  skip(ms: number): void {
    this.#skippedMs += ms
    const skipped = this.#skipped
    this.#skipped = new AbortController()
    skipped.abort()
  }
}
