/** Returns a negative number if the first position comes before the second one, a positive one if after. */
export type Compare<Position> = (one: Position, other: Position) => number

/**
 * PageEntries keeps the first `limit` of many entries after a position, so that one page does not cost sorting all of a large
 * cluster. The next page begins after the last entry of this one and not at an offset, so entries that come and go between two pages
 * neither repeat nor hide others.
 */
export class PageEntries<Position, Entry extends Position> {
  readonly #limit: number
  readonly #after: Position | undefined
  readonly #compare: Compare<Position>
  #entries: Entry[] = []
  /** The last entry that is kept, once there are enough of them: only an entry before it can be among the first. */
  #bound: Entry | undefined

  constructor(limit: number, after: Position | undefined, compare: Compare<Position>) {
    this.#limit = limit
    this.#after = after
    this.#compare = compare
  }

  /** Reports whether entries can be on the page whose positions begin with `start`. `compare` must take it for equal to all of them. */
  mayTake(start: Position): boolean {
    if (this.#after !== undefined && this.#compare(start, this.#after) < 0) return false
    return this.#bound === undefined || this.#compare(start, this.#bound) <= 0
  }

  add(entry: Entry): void {
    if (this.#after !== undefined && this.#compare(entry, this.#after) <= 0) return
    if (this.#bound !== undefined && this.#compare(entry, this.#bound) >= 0) return
    this.#entries.push(entry)
    if (this.#entries.length < 2 * this.#kept) return
    this.#entries = this.#sorted()
    this.#bound = this.#entries.at(-1)
  }

  /** Returns the page in order, and its last entry if another page follows. */
  page(): { readonly entries: readonly Entry[]; readonly last: Entry | undefined } {
    const sorted = this.#sorted()
    const entries = sorted.slice(0, this.#limit)
    return { entries, last: sorted.length > this.#limit ? entries.at(-1) : undefined }
  }

  /** One more entry than the page has shows that another page follows. */
  get #kept(): number {
    return this.#limit + 1
  }

  #sorted(): Entry[] {
    return this.#entries.toSorted(this.#compare).slice(0, this.#kept)
  }
}
