import type { Clock } from '../../clock.ts'
import { maxLinesAtOnce, maxLinesPerSecond } from '../../nodeStream/contract.ts'
import { FindingsError } from './findingsError.ts'

/** A node role sends more than its allowance. */
export class TooMuchError extends FindingsError {
  constructor() {
    super(
      'protocol',
      `the endpoint sends more than a node role does: ${maxLinesAtOnce} lines at once, or ${maxLinesPerSecond} lines per second for long`,
    )
  }
}

const bytesPerLine = 1_024

/**
 * Allowance bounds what one node role sends, over all of its streams, so that a lying one cannot take up the processor. A line counts as
 * one, and each KiB that arrives at the connection counts as one more.
 */
export class Allowance {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  /** How many lines may follow at once, as of `#asOfMs`. */
  #lines = maxLinesAtOnce
  #asOfMs: number

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
    this.#asOfMs = clock.monotonicMs()
  }

  /** Must be called for each line. Throws a `TooMuchError` where it is one too many. */
  takeLine(): void {
    this.#take(1)
  }

  /** Must be called for all bytes, as they arrive. Throws a `TooMuchError` where they are too many. */
  takeBytes(bytes: number): void {
    this.#take(bytes / bytesPerLine)
  }

  #take(lines: number): void {
    const nowMs = this.#clock.monotonicMs()
    const earned = ((nowMs - this.#asOfMs) / 1000) * maxLinesPerSecond
    this.#asOfMs = nowMs
    this.#lines = Math.min(this.#lines + earned, maxLinesAtOnce) - lines
    if (this.#lines >= 0) return
    this.#lines = 0
    throw new TooMuchError()
  }
}
