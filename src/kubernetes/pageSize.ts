/** How many pages must fit, after one that was too long, before a page has more objects again. Otherwise every other page would be too long. */
const patience = 4

/** PageSize decides how many objects the pages of a list have. */
export class PageSize {
  readonly #most: number
  #size: number
  #fitted = patience

  /** The first page has `most` objects, and none has more. */
  constructor(most: number) {
    this.#most = most
    this.#size = most
  }

  get size(): number {
    return this.#size
  }

  fitted(): void {
    this.#fitted += 1
    if (this.#fitted >= patience) this.#size = Math.min(2 * this.#size, this.#most)
  }

  /** A page was too long. Returns false if it cannot have fewer objects. */
  wasTooLong(): boolean {
    this.#fitted = 0
    if (this.#size === 1) return false
    this.#size = Math.ceil(this.#size / 2)
    return true
  }
}
