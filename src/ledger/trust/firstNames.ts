import type { SomeNames } from './view.ts'

/** How many names outputs tell of many. */
export const maxNames = 10

/** First keeps the first of many items in an order, 10 at most, and counts them all. */
export class First<Item> {
  readonly #isBefore: (one: Item, other: Item) => boolean
  readonly #items: Item[] = []
  count = 0

  constructor(isBefore: (one: Item, other: Item) => boolean) {
    this.#isBefore = isBefore
  }

  get items(): readonly Item[] {
    return this.#items
  }

  add(item: Item): void {
    this.count += 1
    this.keep(item)
  }

  /** Takes an item that is counted elsewhere. */
  keep(item: Item): void {
    const items = this.#items
    const last = items.at(-1)
    if (items.length === maxNames && last !== undefined && !this.#isBefore(item, last)) return
    const index = items.findIndex((other) => this.#isBefore(item, other))
    items.splice(index === -1 ? items.length : index, 0, item)
    if (items.length > maxNames) items.pop()
  }
}

/** FirstNames keeps the first names in ascending order. */
export class FirstNames extends First<string> {
  constructor() {
    super((one, other) => one < other)
  }

  addAll({ count, first }: SomeNames): void {
    this.count += count
    for (const name of first) this.keep(name)
  }

  view(): SomeNames {
    return { count: this.count, first: [...this.items] }
  }
}
