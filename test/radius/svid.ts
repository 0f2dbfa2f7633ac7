/** What is fixed of a simulated SVID. Times are ms since the beginning of the simulation. */
export interface SvidOptions {
  readonly key: string
  readonly namespace: string
  readonly node: string
  readonly issuer: string
  readonly trustDomain: string
  readonly isMuted: boolean
  readonly lifetimeMs: number
  readonly gotMs: number
}

/** What keeps an SVID from being renewed at a time. */
export interface Hindrance {
  /** Its driver makes no request. */
  readonly isUnasked: boolean
  /** Its request is not answered. */
  readonly isUnanswered: boolean
  /** Peers refuse what is issued now. */
  readonly isRefused: boolean
}

/** A driver waits so long, at most, before it asks again. */
const retryMs = 6 * 60_000

/** One SVID of a simulated pod. */
export class Svid {
  readonly of: SvidOptions
  gotMs: number
  /** Since when it has been asked for without an answer. */
  askedMs: number | undefined
  /** Since when containers have an older mount than the node, and when they got what they hold. */
  detached: { readonly sinceMs: number; readonly heldGotMs: number } | undefined
  /** Since when peers refuse it. */
  refusedMs: number | undefined
  #wasHindered = false
  #retryAtMs: number | undefined

  constructor(of: SvidOptions) {
    this.of = of
    this.gotMs = of.gotMs
  }

  get dueMs(): number {
    return this.gotMs + (2 / 3) * this.of.lifetimeMs
  }

  /** Whether something is wrong with it that has not healed. */
  get isFailing(): boolean {
    return this.#wasHindered || this.detached !== undefined || this.refusedMs !== undefined
  }

  /** Lets it be renewed, if it is due and nothing hinders it. */
  step(nowMs: number, { isUnasked, isUnanswered, isRefused }: Hindrance, random: () => number): void {
    if (nowMs < this.dueMs) return
    if (isUnasked || isUnanswered) {
      if (!isUnasked) this.askedMs ??= nowMs
      this.#wasHindered = true
      this.#retryAtMs = undefined
      return
    }
    if (this.#wasHindered) this.#retryAtMs ??= nowMs + random() * retryMs
    if (nowMs < (this.#retryAtMs ?? -Infinity)) return
    this.gotMs = this.#wasHindered ? nowMs : this.dueMs
    this.askedMs = undefined
    this.#wasHindered = false
    this.#retryAtMs = undefined
    this.refusedMs = isRefused ? nowMs : undefined
  }
}
