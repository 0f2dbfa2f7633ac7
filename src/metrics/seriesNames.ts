import type { SvidLabels } from '../ledger/workloads/view.ts'
import { svidLabelNames } from './catalogue/svids.ts'
import { closedLabelText } from './labelText.ts'

/** The labels of one series, as `closedLabelText` makes them. Copies of SVIDs with equal labels share one name. */
export interface SeriesName {
  readonly text: string
  /** Where the scrape that used it last has the series. */
  row: number
  /** That scrape. */
  scrape: number
}

/** What is kept for the copy in one slot: which labels its name was made of. */
interface Named {
  readonly labels: SvidLabels
  readonly name: SeriesName
}

/** How many of the names that are kept may be unused, as a share of those that are used. */
const maxUnused = 0.25

/**
 * The names of the series that stand for copies of SVIDs. A name is made once, and kept in the slot of its copy for as long as
 * the copy has the same labels: with a look-up by text for each, the collectors of a scrape took half as long again.
 */
export class SeriesNames {
  readonly #slots: (Named | undefined)[] = []
  readonly #byText = new Map<string, SeriesName>()
  #scrape = 0
  #used = 0

  /** To be called before each scrape. What the scrape before did not use does not stay for ever. */
  begin(): void {
    for (const [slot, named] of this.#slots.entries())
      if (named && !this.isUsed(named.name)) this.#slots[slot] = undefined
    if (this.#byText.size > this.#used * (1 + maxUnused))
      for (const [text, name] of this.#byText) if (!this.isUsed(name)) this.#byText.delete(text)
    this.#scrape += 1
    this.#used = 0
  }

  /** Reports whether the scrape that is under way has used the name. */
  isUsed(name: SeriesName): boolean {
    return name.scrape === this.#scrape
  }

  /** The name of the copy in a slot. */
  of(slot: number, labels: SvidLabels): SeriesName {
    const named = this.#slots[slot]
    if (named?.labels === labels) return named.name
    const text = textOf(labels)
    const name = this.#byText.get(text) ?? { text, row: 0, scrape: 0 }
    this.#byText.set(text, name)
    this.#slots[slot] = { labels, name }
    return name
  }

  /** Notes where the scrape that is under way has the series. */
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
