import type { Clock } from '../clock.ts'
import type { Log, LogFields } from './log.ts'

/** So many lines about one thing are written in a minute. */
const maxLines = 10
const periodMs = 60_000

interface Period {
  readonly startedMs: number
  written: number
  leftOut: number
}

/** Bounds how many lines are written about each thing, so that nobody outside can flood the log. */
export class BoundedLog {
  readonly #log: Log
  readonly #clock: Clock
  readonly #periods = new Map<string, Period>()

  constructor(log: Log, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  /**
   * Writes a line about something, or leaves it out where there were too many in this minute. That lines are left out is said
   * with the first one; how many they were, before the next line that is written about anything.
   */
  write(about: string, level: keyof Log, fields: LogFields, message: string): void {
    const period = this.#periodOf(about)
    if (period.written < maxLines) {
      period.written += 1
      this.#log[level](fields, message)
      return
    }
    if (period.leftOut === 0)
      this.#log.warn({ event: 'lines_held_back', about }, `${about}: no more lines until the minute is over`)
    period.leftOut += 1
  }

  #periodOf(about: string): Period {
    const nowMs = this.#clock.monotonicMs()
    this.#endPeriods(nowMs)
    const period = this.#periods.get(about) ?? { startedMs: nowMs, written: 0, leftOut: 0 }
    this.#periods.set(about, period)
    return period
  }

  /** Things come and go: nothing is kept of those about which nothing was written lately. */
  #endPeriods(nowMs: number): void {
    for (const [about, { startedMs, leftOut }] of this.#periods) {
      if (nowMs - startedMs < periodMs) return
      this.#periods.delete(about)
      if (leftOut > 0)
        this.#log.warn(
          { event: 'lines_left_out', about, count: leftOut },
          `${about}: ${leftOut} lines were not written`,
        )
    }
  }
}
