import type { Clock } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { FileCalls } from '../../files/fileCalls.ts'
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

export interface LookLoopOptions {
  readonly clock: Clock
  readonly files: FileCalls
  readonly source: SourceName
  readonly report: Report
}

/** Looks once a second, reads soon after each request, and reports contact or trouble of its source. */
export class LookLoop {
  readonly #options: LookLoopOptions
  #wakeUp = Promise.withResolvers<undefined>()
  #lookDue = true
  #lastTrouble: string | undefined

  constructor(options: LookLoopOptions) {
    this.#options = options
  }

  /** Asks for a read before the next look. */
  requestRead(): void {
    this.#wakeUp.resolve(undefined)
  }

  /** Runs until `signal` aborts; work that is under way then goes on without effect. Never rejects. */
  async run(work: LoopWork, signal: AbortSignal): Promise<void> {
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    await Promise.race([this.#run(work, signal), aborted])
  }

  async #run(work: LoopWork, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    while (!signal.aborted) {
      this.#wakeUp = Promise.withResolvers()
      if (this.#lookDue) {
        await this.#lookAndRead(work, signal)
        this.#lookDue = false
        void clock.sleep(secondMs, signal).then(() => {
          this.#lookDue = true
          this.requestRead()
        })
      } else {
        await clock.sleep(settleMs, signal)
        await work.read().catch((error: unknown) => this.#tell(internal(error)))
      }
      await this.#wakeUp.promise
    }
  }

  async #lookAndRead(work: LoopWork, signal: AbortSignal): Promise<void> {
    const trouble = await this.#troubleOf(work)
    if (!signal.aborted) this.#tell(trouble)
  }

  async #troubleOf(work: LoopWork): Promise<Trouble | undefined> {
    try {
      const trouble = await work.look()
      await work.read()
      return trouble ?? this.#blindness
    } catch (error) {
      return internal(error)
    }
  }

  /** The trouble of a source whose files cannot be read because others do not answer. */
  get #blindness(): Trouble | undefined {
    const { blindness } = this.#options.files
    return blindness === undefined ? undefined : { reason: 'timeout', detail: blindness }
  }

  /** Reports trouble if it is new, or contact if there is none. */
  #tell(trouble: Trouble | undefined): void {
    const { source, report } = this.#options
    const text = trouble && `${trouble.reason} ${trouble.detail}`
    if (trouble === undefined) report({ kind: 'contact', source })
    else if (text !== this.#lastTrouble) report({ kind: 'trouble', source, ...trouble })
    this.#lastTrouble = text
  }
}

function internal(error: unknown): Trouble {
  return { reason: 'internal', detail: messageOf(error) }
}
