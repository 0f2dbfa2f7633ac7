import type { Clock } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { Report } from '../../ledger/observations.ts'
import type { SourceName } from '../../ledger/sight/observations.ts'
import type { TroubleReason } from '../../ledger/sight/reasons.ts'

/** What a loop does. Neither is called while the other runs. */
export interface Looks {
  /** Finds out what has changed; once a second. It answers why it cannot, where it cannot. */
  look(): Promise<Trouble | undefined>
  /** Reads what has changed; after each look, and soon after a ring. */
  read(): Promise<void>
}

export interface Trouble {
  readonly reason: TroubleReason
  readonly detail: string
}

const secondMs = 1000

/** A file that has just changed may be written further: its reading waits, and with it a flood of changes is one. */
const settleMs = 100

/** Looks once a second, reads soon after it is rung for, and reports each time whether its source sees its system. */
export class LookLoop {
  readonly #clock: Clock
  readonly #source: SourceName
  readonly #report: Report
  #bell = Promise.withResolvers<undefined>()
  #lookDue = true
  #trouble: string | undefined

  constructor(clock: Clock, source: SourceName, report: Report) {
    this.#clock = clock
    this.#source = source
    this.#report = report
  }

  /** Says that there is something to read. */
  ring(): void {
    this.#bell.resolve(undefined)
  }

  /** Runs until `signal` aborts, whatever happens. */
  async run(looks: Looks, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#bell = Promise.withResolvers()
      if (this.#lookDue) {
        await this.#lookAndRead(looks)
        this.#lookDue = false
        void this.#clock.sleep(secondMs, signal).then(() => {
          this.#lookDue = true
          this.ring()
        })
      } else {
        await this.#clock.sleep(settleMs, signal)
        await looks.read().catch((error: unknown) => this.#troubled(internal(error)))
      }
      await this.#bell.promise
    }
  }

  async #lookAndRead(looks: Looks): Promise<void> {
    try {
      const trouble = await looks.look()
      await looks.read()
      if (trouble !== undefined) this.#troubled(trouble)
      else this.#clear()
    } catch (error) {
      this.#troubled(internal(error))
    }
  }

  #clear(): void {
    this.#report({ kind: 'contact', source: this.#source })
    this.#trouble = undefined
  }

  #troubled(trouble: Trouble): void {
    const text = `${trouble.reason} ${trouble.detail}`
    if (text !== this.#trouble) this.#report({ kind: 'trouble', source: this.#source, ...trouble })
    this.#trouble = text
  }
}

function internal(error: unknown): Trouble {
  return { reason: 'internal', detail: messageOf(error) }
}
