import { shortUid, type RecentlySettled } from './checkpoint.ts'
import type { RequestObservation } from './observations.ts'

/**
 * Requests are stored in another order than their creationTimestamps: admission runs after the API server sets the timestamp, and
 * the clocks of several API servers differ a little. Requests whose timestamps are this far apart were stored in the
 * order of their timestamps.
 */
const windowMs = 30_000

/**
 * Recent tells the requests that were settled at a checkpoint from those that were stored since, when there is no history to tell.
 * The creationTimestamp decides for nearly all requests, and the list of settled ones for those created shortly before the newest.
 */
export class Recent {
  readonly #max: number
  #newestMs: number
  #sinceMs: number
  /** Short forms of the settled requests, by creationTimestamp. */
  readonly #settled: Map<number, Set<string>>
  #count: number

  /** `max` bounds the settled requests. */
  constructor(max: number, newestMs = 0, { sinceMs, settled }: RecentlySettled = { sinceMs: 0, settled: [] }) {
    this.#max = max
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

  add({ uid, createdMs }: RequestObservation, isSettled: boolean): void {
    if (createdMs < this.#sinceMs) return
    if (createdMs > this.#newestMs) {
      this.#newestMs = createdMs
      this.#forgetBefore(createdMs - windowMs)
    }
    if (isSettled) this.#settle(shortUid(uid), createdMs)
  }

  /** Reports whether a request that is not known to be open is newer than all that were added. */
  isNew({ uid, createdMs }: RequestObservation): boolean {
    return createdMs >= this.#sinceMs && !this.#settled.get(createdMs)?.has(shortUid(uid))
  }

  #settle(uid: string, createdMs: number): void {
    const uids = this.#settled.get(createdMs) ?? new Set()
    this.#settled.set(createdMs, uids)
    if (!uids.has(uid)) this.#count += 1
    uids.add(uid)
    while (this.#count > this.#max) this.#forgetBefore(Math.min(...this.#settled.keys()) + 1)
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
