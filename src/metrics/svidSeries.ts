import type { SvidLabels, SvidView } from '../ledger/workloads/view.ts'
import type { Guarded } from './guard.ts'
import type { SeriesNames } from './seriesNames.ts'
import { SeriesShares } from './seriesShares.ts'

/** The number of copies after which choosing among them yields. Rendering their labels takes about a tenth of a millisecond. */
const slice = 128

/**
 * Holds the series of copies of SVIDs as columns: `notAfterMs[row]` and the others belong to `labels[row]`, and may be longer. Arrays
 * of numbers cost a scrape a fraction of what an object for each copy does, and do not change when the ledger does. They serve one
 * scrape after the other, because the garbage collector would be left with three times the size of new ones.
 */
export class SvidSeries implements Guarded {
  readonly #limit: number
  readonly #names: SeriesNames
  /** The labels of the copies that were added, and their slots. */
  readonly #copies: SvidLabels[] = []
  readonly #slots: number[] = []
  #added = 0
  readonly labels: string[] = []
  readonly notAfterMs: number[] = []
  readonly notBeforeMs: number[] = []
  readonly renewalDueMs: number[] = []
  readonly lastObservedMs: number[] = []
  /** The number of copies without a series of their own. */
  dropped = 0

  constructor(limit: number, names: SeriesNames) {
    this.#limit = limit
    this.#names = names
  }

  /** Begins a scrape. The columns of the last one are overwritten. */
  begin(): void {
    this.#names.begin()
    this.#added = 0
  }

  /** Adds a copy. It has no series before `choose`. */
  add({ slot, labels, svid, renewalDueMs, lastObservedMs }: SvidView): void {
    const index = this.#added++
    this.#copies[index] = labels
    this.#slots[index] = slot
    this.notAfterMs[index] = svid.notAfterMs
    this.notBeforeMs[index] = svid.notBeforeMs
    this.renewalDueMs[index] = renewalDueMs
    this.lastObservedMs[index] = lastObservedMs
  }

  /**
   * Chooses the copies that have a series: all within the limit, which is divided between the namespaces. Of copies with equal labels,
   * the one that expires first is kept, since it needs the warning. Yields where it may be interrupted.
   */
  *choose(): Generator<undefined, void> {
    const shares = this.#added > this.#limit ? new SeriesShares(this.#limit, this.#addedCopies()) : undefined
    let [index, rows] = [0, 0]
    for (const labels of this.#addedCopies()) {
      if (index % slice === 0) yield
      rows += this.#hasRow(index, labels, rows, shares) ? 1 : 0
      index += 1
    }
    this.labels.length = rows
    this.dropped = this.#added - rows
  }

  /** Gives a copy the row, if it may have one of its own. Reports whether it has it. */
  #hasRow(index: number, labels: SvidLabels, row: number, shares: SeriesShares | undefined): boolean {
    if (shares?.mayHave(labels) === false) return false
    const name = this.#names.nameOf(this.#slots[index] ?? 0, labels)
    if (this.#names.isUsed(name)) {
      if ((this.notAfterMs[index] ?? NaN) < (this.notAfterMs[name.row] ?? NaN)) this.#moveTimes(index, name.row)
      return false
    }
    if (shares?.take(labels) === false) return false
    this.#names.use(name, row)
    this.labels[row] = name.text
    if (row !== index) this.#moveTimes(index, row)
    return true
  }

  #moveTimes(from: number, to: number): void {
    for (const column of [this.notAfterMs, this.notBeforeMs, this.renewalDueMs, this.lastObservedMs])
      column[to] = column[from] ?? NaN
  }

  #addedCopies(): IteratorObject<SvidLabels> {
    return this.#copies.values().take(this.#added)
  }
}
