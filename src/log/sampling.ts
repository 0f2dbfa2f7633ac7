import type { Clock } from '../clock.ts'
import type { Log } from './log.ts'

const periodMs = 1_000

/** Sampling takes so many lines about one thing in each second, and tells how many it has left out before the next one that it takes. */
export class Sampling {
  readonly #log: Log
  readonly #clock: Clock
  readonly #perSecond: number
  readonly #about: string
  #startedMs = -Infinity
  #taken = 0
  #leftOut = 0

  constructor(log: Log, clock: Clock, perSecond: number, about: string) {
    this.#log = log
    this.#clock = clock
    this.#perSecond = perSecond
    this.#about = about
  }

  /** Reports whether the next line is to be written. */
  takes(): boolean {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#startedMs >= periodMs) {
      this.#startedMs = nowMs
      this.#taken = 0
      this.#tell()
    }
    if (this.#taken >= this.#perSecond) {
      this.#leftOut += 1
      return false
    }
    this.#taken += 1
    return true
  }

  #tell(): void {
    if (this.#leftOut === 0) return
    const fields = { event: 'lines_left_out', about: this.#about, count: this.#leftOut } as const
    this.#log.info(fields, `${this.#about}: lines left out: ${this.#leftOut}`)
    this.#leftOut = 0
  }
}
