import type { Clock } from '../clock.ts'
import { acceptedMs } from '../nodeStream/tokens.ts'

/** More tokens than cluster roles use while one is accepted. */
const maxTokens = 10_000

/** UsedTokens knows the tokens that have opened a stream, for as long as they are accepted. */
export class UsedTokens {
  readonly #clock: Clock
  /** By token, when it was used, in the time of `Clock.monotonicMs`. The oldest come first. */
  readonly #usedMs = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  has(tokenId: string): boolean {
    return this.#usedMs.has(tokenId)
  }

  add(tokenId: string): void {
    const nowMs = this.#clock.monotonicMs()
    this.#usedMs.set(tokenId, nowMs)
    for (const [oldest, usedMs] of this.#usedMs) {
      if (nowMs - usedMs <= acceptedMs && this.#usedMs.size <= maxTokens) return
      this.#usedMs.delete(oldest)
    }
  }
}
