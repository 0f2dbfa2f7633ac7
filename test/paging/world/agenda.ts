interface Entry {
  readonly atMs: number
  readonly action: () => void | Promise<void>
}

/** What will happen, in the order of true time, which nobody in the world but a peer with a good clock knows. */
export class Agenda {
  #nowMs: number
  /** The latest comes first. */
  readonly #entries: Entry[] = []

  constructor(startMs: number) {
    this.#nowMs = startMs
  }

  get nowMs(): number {
    return this.#nowMs
  }

  /** What lies in the past happens next. */
  at(atMs: number, action: () => void | Promise<void>): void {
    if (atMs === Infinity) return
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#entries[middle]?.atMs ?? 0) > atMs) low = middle + 1
      else high = middle
    }
    this.#entries.splice(low, 0, { atMs, action })
  }

  /** Lets happen what happens until then, one thing after the other. */
  async runUntil(untilMs: number): Promise<void> {
    for (let next = this.#entries.at(-1); next && next.atMs <= untilMs; next = this.#entries.at(-1)) {
      this.#entries.pop()
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      const ended = next.action()
      if (ended) await ended
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs)
  }
}
