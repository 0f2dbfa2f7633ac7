import { maxRecent, shortUid, type RecentlySettled } from './checkpoint.ts'
import type { RequestObservation } from './observations.ts'

/**
 * Requests come to be in another order than the API server stamps them: admission takes its time behind the stamp, and several
 * servers' clocks differ by a little. What is stamped so much earlier than another one has come to be before it.
 */
const windowMs = 30_000

/**
 * Tells requests that were settled at a checkpoint from those that have come to be since, where no history tells. Nearly all by
 * creationTimestamp; those that were created shortly before the newest one by which of them were settled.
 */
export class Recent {
  #newestMs: number
  #sinceMs: number
  /** Short forms of the settled ones, by creationTimestamp. */
  readonly #settled: Map<number, Set<string>>
  #count: number

  constructor(newestMs = 0, { sinceMs, settled }: RecentlySettled = { sinceMs: 0, settled: [] }) {
    this.#newestMs = newestMs
    this.#sinceMs = sinceMs
    this.#settled = new Map(settled.map(([createdMs, uids]) => [createdMs, new Set(uids)]))
    this.#count = settled.reduce((all, [, uids]) => all + uids.length, 0)
  }

  /** The newest creationTimestamp, ms since the Unix epoch. */
  get newestMs(): number {
    return this.#newestMs
  }

  get settled(): RecentlySettled {
    return { sinceMs: this.#sinceMs, settled: [...this.#settled].map(([createdMs, uids]) => [createdMs, [...uids]]) }
  }

  /** Takes in a request as it stands. */
  saw({ uid, createdMs }: RequestObservation, isSettled: boolean): void {
    if (createdMs < this.#sinceMs) return
    if (createdMs > this.#newestMs) {
      this.#newestMs = createdMs
      this.#forgetBefore(createdMs - windowMs)
    }
    if (isSettled) this.#settle(shortUid(uid), createdMs)
  }

  /** Whether a request that is not known to have been open has come to be after all that was taken in. */
  hasNot({ uid, createdMs }: RequestObservation): boolean {
    return createdMs >= this.#sinceMs && !this.#settled.get(createdMs)?.has(shortUid(uid))
  }

  #settle(uid: string, createdMs: number): void {
    const ofThen = this.#settled.get(createdMs) ?? new Set()
    this.#settled.set(createdMs, ofThen)
    if (!ofThen.has(uid)) this.#count += 1
    ofThen.add(uid)
    while (this.#count > maxRecent) this.#forgetBefore(Math.min(...this.#settled.keys()) + 1)
  }

  #forgetBefore(ms: number): void {
    if (ms <= this.#sinceMs) return
    this.#sinceMs = ms
    for (const [createdMs, uids] of this.#settled) {
      if (createdMs >= ms) continue
      this.#settled.delete(createdMs)
      this.#count -= uids.size
    }
  }
}
