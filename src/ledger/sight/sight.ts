import type { Clock } from '../../clock.ts'
import type { TroubleReason } from './reasons.ts'
import type { TroubleView } from './view.ts'

/** Whether something is seen at present, when it was last, and why it is not. */
export class Sight {
  readonly #clock: Clock
  #up = false
  #lastContactMs: number | undefined
  #trouble: TroubleView<TroubleReason> | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  contact(): void {
    this.#up = true
    this.#trouble = undefined
  }

  /** Trouble that changes its reason goes on since its beginning. */
  lose(reason: TroubleReason, detail: string): void {
    this.#lastContactMs = this.lastContactMs
    this.#up = false
    this.#trouble = { reason, detail, sinceMs: this.#trouble?.sinceMs ?? this.#clock.now() }
  }

  get up(): boolean {
    return this.#up
  }

  get trouble(): TroubleView<TroubleReason> | undefined {
    return this.#trouble
  }

  /** Now, as long as it is seen; undefined: it never was. */
  get lastContactMs(): number | undefined {
    return this.#up ? this.#clock.now() : this.#lastContactMs
  }
}

/** What outputs are shown of it. */
export function shown({ up, lastContactMs, trouble }: Sight): {
  readonly up: boolean
  readonly lastContactMs?: number
  readonly trouble?: TroubleView<TroubleReason>
} {
  return { up, ...(lastContactMs !== undefined && { lastContactMs }), ...(trouble && { trouble }) }
}
