import type { SvidLabels } from '../ledger/workloads/view.ts'
import { svidLabelNames } from '../ledger/workloads/view.ts'
import { closedLabelText } from './labelText.ts'

/** The rendered labels of one series, as `closedLabelText` returns them. Copies of SVIDs with equal labels share one name. */
export interface SeriesName {
  readonly text: string
  /** The row of the series in the last scrape that used the name. */
  row: number
  /** The number of that scrape. */
  scrape: number
}

/** The name of the copy in one slot, and the labels from which the name was rendered. */
interface NamedCopy {
  readonly labels: SvidLabels
  readonly name: SeriesName
}

/** The most unused names that are kept, as a share of the used ones. */
const maxUnusedShare = 0.25

/**
 * Holds the names of the series of copies of SVIDs. A name is rendered once, and kept in the slot of its copy for as long as the
 * copy has the same labels. With a look-up by text for each copy, the collectors of a scrape took half as long again.
 */
export class SeriesNames {
  readonly #slots: (NamedCopy | undefined)[] = []
  readonly #byText = new Map<string, SeriesName>()
  #scrape = 0
  #used = 0

  /** Begins a scrape. Drops the slots that the last scrape did not use, and unused names once there are too many of them. */
  begin(): void {
    for (const [slot, copy] of this.#slots.entries()) if (copy && !this.isUsed(copy.name)) this.#slots[slot] = undefined
    if (this.#byText.size > this.#used * (1 + maxUnusedShare))
      for (const [text, name] of this.#byText) if (!this.isUsed(name)) this.#byText.delete(text)
    this.#scrape += 1
    this.#used = 0
  }

  /** Reports whether the current scrape has used the name. */
  isUsed(name: SeriesName): boolean {
    return name.scrape === this.#scrape
  }

  /** Returns the name of the copy in a slot. */
  nameOf(slot: number, labels: SvidLabels): SeriesName {
    const copy = this.#slots[slot]
    if (copy?.labels === labels) return copy.name
    const text = textOf(labels)
    const name = this.#byText.get(text) ?? { text, row: 0, scrape: 0 }
    this.#byText.set(text, name)
    this.#slots[slot] = { labels, name }
    return name
  }

  /** Records the row of the series in the current scrape. */
  use(name: SeriesName, row: number): void {
    name.scrape = this.#scrape
    name.row = row
    this.#used += 1
  }
}

function textOf(labels: SvidLabels): string {
  const values = svidLabelNames.map((name) => labels[name])
  return closedLabelText(svidLabelNames, values)
}
