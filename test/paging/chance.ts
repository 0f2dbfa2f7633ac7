import { seededRandom } from '../faults/random.ts'

/** What is drawn by chance; the same seed draws the same. */
export class Chance {
  readonly random: () => number

  constructor(seed: number) {
    this.random = seededRandom(seed)
  }

  between(from: number, to: number): number {
    return from + this.random() * (to - from)
  }

  /** A whole number in [from, to]. */
  whole(from: number, to: number): number {
    return Math.floor(this.between(from, to + 1))
  }

  happens(probability: number): boolean {
    return this.random() < probability
  }

  oneOf<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.whole(0, items.length - 1)] ?? items[0]
  }
}
