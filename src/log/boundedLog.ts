import type { Clock } from '../clock.ts'
import type { Log, LogFields } from './log.ts'

/** The most lines about one subject in a minute. */
const maxLines = 10
const periodMs = 60_000

interface Period {
  readonly startedMs: number
  written: number
  leftOut: number
}

/** Bounds the number of lines about each subject, so that input from outside cannot flood the log. */
export class BoundedLog {
  readonly #log: Log
  readonly #clock: Clock
  readonly #periods = new Map<string, Period>()

  constructor(log: Log, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  /**
   * Writes a line about a subject, or leaves it out after 10 lines in a minute. A warning is written with the first line that is
   * left out, and their number once the minute is over, before the next line about any subject.
   */
  write(subject: string, level: keyof Log, fields: LogFields, message: string): void {
    const period = this.#periodOf(subject)
    if (period.written < maxLines) {
      period.written += 1
      this.#log[level](fields, message)
      return
    }
    if (period.leftOut === 0)
      this.#log.warn({ event: 'lines_held_back', about: subject }, `${subject}: no more lines until the minute is over`)
    period.leftOut += 1
  }

  #periodOf(subject: string): Period {
    const nowMs = this.#clock.monotonicMs()
    this.#endPeriods(nowMs)
    const period = this.#periods.get(subject) ?? { startedMs: nowMs, written: 0, leftOut: 0 }
    this.#periods.set(subject, period)
    return period
  }

  /** Forgets subjects whose minute is over, so that subjects that come and go take no memory. */
  #endPeriods(nowMs: number): void {
    for (const [subject, { startedMs, leftOut }] of this.#periods) {
      if (nowMs - startedMs < periodMs) return
      this.#periods.delete(subject)
      if (leftOut > 0)
        this.#log.warn(
          { event: 'lines_left_out', about: subject, count: leftOut },
          `${subject}: lines left out: ${leftOut}`,
        )
    }
  }
}
