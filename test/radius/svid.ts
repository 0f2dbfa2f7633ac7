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
  /** Until when peers refuse what is issued now; undefined if they do not. */
  readonly refusedToMs: number | undefined
}

/** A driver waits so long, at most, before it asks again. */
const retryMs = 6 * 60_000

/** One SVID of a simulated pod. */
export class Svid {
  readonly of: SvidOptions
  gotMs: number
  /** When its issuer has last issued it, which its driver may not have fetched. */
  issuedMs: number
  /** Since when it has been asked for without an answer. */
  askedMs: number | undefined
  /** Since when containers have an older mount than the node, and when they got what they hold. */
  detached: { readonly sinceMs: number; readonly heldGotMs: number } | undefined
  /** From when to when peers refuse it. */
  refused: { readonly sinceMs: number; readonly toMs: number } | undefined
  #wasHindered = false
  #retryAtMs: number | undefined

  constructor(of: SvidOptions) {
    this.of = of
    this.gotMs = of.gotMs
    this.issuedMs = of.gotMs
  }

  get dueMs(): number {
    return this.gotMs + (2 / 3) * this.of.lifetimeMs
  }

  /** Whether something is wrong with it that has not healed. */
  get isFailing(): boolean {
    return this.#wasHindered || this.detached !== undefined || this.refused !== undefined
  }

  /** Lets it be renewed, if it is due and nothing hinders it. */
  step(nowMs: number, { isUnasked, isUnanswered, refusedToMs }: Hindrance, random: () => number): void {
    if (nowMs < this.dueMs) return
    if (isUnasked || isUnanswered) {
      if (!isUnasked) this.askedMs ??= nowMs
      else if (!isUnanswered) this.#answer(nowMs)
      this.#wasHindered = true
      this.#retryAtMs = undefined
      return
    }
    if (this.#wasHindered) this.#retryAtMs ??= nowMs + random() * retryMs
    if (nowMs < (this.#retryAtMs ?? -Infinity)) return
    this.gotMs = this.#wasHindered ? nowMs : this.dueMs
    this.issuedMs = this.gotMs
    this.askedMs = undefined
    this.#wasHindered = false
    this.#retryAtMs = undefined
    this.refused = refusedToMs === undefined ? undefined : { sinceMs: nowMs, toMs: refusedToMs }
  }

  /** Peers refuse it from now on, until then at least. */
  refuse(nowMs: number, toMs: number): void {
    const { sinceMs = nowMs, toMs: otherMs = toMs } = this.refused ?? {}
    this.refused = { sinceMs, toMs: Math.max(otherMs, toMs) }
  }

  /** An issuer that is back answers what waits, although no driver fetches it. */
  #answer(nowMs: number): void {
    if (this.askedMs === undefined) return
    this.askedMs = undefined
    this.issuedMs = nowMs
  }
}
