import type { Clock } from '../../../src/clock.ts'

const sayEveryMs = 5_000

/** Says on stderr how far something is, and how long the rest will take. */
export class Progress {
  readonly #clock: Clock
  readonly #what: string
  readonly #total: number
  readonly #sinceMs: number
  #saidMs: number
  #done = 0

  constructor(clock: Clock, what: string, total: number) {
    this.#clock = clock
    this.#what = what
    this.#total = total
    this.#sinceMs = this.#saidMs = clock.now()
  }

  step(): void {
    this.#done += 1
    const nowMs = this.#clock.now()
    if (nowMs - this.#saidMs < sayEveryMs) return
    this.#saidMs = nowMs
    const elapsedS = (nowMs - this.#sinceMs) / 1000
    const rate = this.#done / elapsedS
    const restS = (this.#total - this.#done) / rate
    process.stderr.write(
      `${this.#what}: ${this.#done} of ${this.#total}, ${rate.toFixed(0)}/s, ${restS.toFixed(0)} s more\n`,
    )
  }
}
