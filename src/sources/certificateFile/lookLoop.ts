import type { Clock } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { Report } from '../../ledger/observations.ts'
import type { SourceName } from '../../ledger/sight/observations.ts'
import type { TroubleReason } from '../../ledger/sight/reasons.ts'

/** The work of a loop. `look` and `read` never run at the same time. */
export interface LoopWork {
  /** Finds out what has changed. Called once a second. Resolves with the trouble that prevented it, if any. */
  look(): Promise<Trouble | undefined>
  /** Reads what has changed. Called after each look, and soon after `requestRead`. */
  read(): Promise<void>
}

export interface Trouble {
  readonly reason: TroubleReason
  readonly detail: string
}

const secondMs = 1000

/** A file that has just changed may still be written to. The wait also turns a burst of changes into one read. */
const settleMs = 100

/** Looks once a second, reads soon after each request, and reports contact or trouble of its source. */
export class LookLoop {
  readonly #clock: Clock
  readonly #source: SourceName
  readonly #report: Report
  #wakeUp = Promise.withResolvers<undefined>()
  #lookDue = true
  #lastTrouble: string | undefined

  constructor(clock: Clock, source: SourceName, report: Report) {
    this.#clock = clock
    this.#source = source
    this.#report = report
  }

  /** Asks for a read before the next look. */
  requestRead(): void {
    this.#wakeUp.resolve(undefined)
  }

  /** Runs until `signal` aborts. Never rejects. */
  async run(work: LoopWork, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#wakeUp = Promise.withResolvers()
      if (this.#lookDue) {
        await this.#lookAndRead(work)
        this.#lookDue = false
        void this.#clock.sleep(secondMs, signal).then(() => {
          this.#lookDue = true
          this.requestRead()
        })
      } else {
        await this.#clock.sleep(settleMs, signal)
        await work.read().catch((error: unknown) => this.#reportTrouble(internal(error)))
      }
      await this.#wakeUp.promise
    }
  }

  async #lookAndRead(work: LoopWork): Promise<void> {
    try {
      const trouble = await work.look()
      await work.read()
      if (trouble !== undefined) this.#reportTrouble(trouble)
      else this.#reportContact()
    } catch (error) {
      this.#reportTrouble(internal(error))
    }
  }

  #reportContact(): void {
    this.#report({ kind: 'contact', source: this.#source })
    this.#lastTrouble = undefined
  }

  #reportTrouble(trouble: Trouble): void {
    const text = `${trouble.reason} ${trouble.detail}`
    if (text !== this.#lastTrouble) this.#report({ kind: 'trouble', source: this.#source, ...trouble })
    this.#lastTrouble = text
  }
}

function internal(error: unknown): Trouble {
  return { reason: 'internal', detail: messageOf(error) }
}
