/** WithoutPlace counts what had no place when it was used last. It knows a bounded number of keys, and counts no more than these. */
export class WithoutPlace {
  readonly #max: number
  /** When each was used last, ms since the Unix epoch. */
  readonly #lastMs = new Map<string, number>()

  constructor(max: number) {
    this.#max = max
  }

  get count(): number {
    return this.#lastMs.size
  }

  add(key: string, nowMs: number): void {
    if (this.#lastMs.has(key) || this.#lastMs.size < this.#max) this.#lastMs.set(key, nowMs)
  }

  delete(key: string): void {
    this.#lastMs.delete(key)
  }

  /** Forgets what was not used since a time, ms since the Unix epoch, and what nobody names. */
  forget(sinceMs: number, isNamed: (key: string) => boolean): void {
    for (const [key, lastMs] of this.#lastMs) if (lastMs <= sinceMs || !isNamed(key)) this.#lastMs.delete(key)
  }
}
