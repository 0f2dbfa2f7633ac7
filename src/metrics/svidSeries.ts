import type { SvidLabels, SvidView } from '../ledger/workloads/view.ts'
import type { Guarded } from './guard.ts'
import { RowShares } from './rowShares.ts'
import type { SeriesName, SeriesNames } from './seriesNames.ts'

/**
 * Holds the series of copies of SVIDs as columns: `notAfterMs[row]` and the others belong to `labels[row]`. Arrays of numbers cost
 * a scrape a fraction of what an object for each copy does, and do not change when the ledger does. They serve one scrape after the
 * other: new ones for each would leave three times their size to the garbage collector.
 */
export class SvidSeries implements Guarded {
  readonly #limit: number
  readonly #names: SeriesNames
  readonly #copies: SvidLabels[] = []
  readonly #used: SeriesName[] = []
  /** The number of rows so far. The columns may be longer until `end`. */
  #rows = 0
  /** The pods that have or had a series, and whose each row is; set once the limit is reached. */
  #pods: Set<string> | undefined
  #shares: RowShares | undefined
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
    this.#rows = 0
    this.dropped = 0
    this.#forgetShares()
  }

  /** Ends the walk through the copies. The columns have one element for each row from now on. */
  end(): void {
    const { labels, notAfterMs, notBeforeMs, renewalDueMs, lastObservedMs } = this
    for (const column of [labels, notAfterMs, notBeforeMs, renewalDueMs, lastObservedMs, this.#copies, this.#used])
      column.length = this.#rows
    this.#forgetShares()
  }

  /**
   * Adds a copy, within the limit, which is divided between the namespaces. Of copies with equal labels, the one that expires first
   * is kept, since it needs the warning.
   */
  add(copy: SvidView): void {
    const { slot, labels, svid } = copy
    if (this.#rows >= this.#limit && !this.#mayHave(labels)) {
      this.#addToFull(copy)
      return
    }
    const name = this.#names.nameOf(slot, labels)
    if (this.#names.isUsed(name)) {
      this.dropped += 1
      if (svid.notAfterMs < (this.notAfterMs[name.row] ?? NaN)) this.#setTimes(name.row, copy)
    } else if (this.#rows < this.#limit) this.#set(this.#rows++, name, copy)
    else this.#addToFull(copy)
  }

  /** Adds a copy without a series to a full table, if its namespace may take the row of another one. */
  #addToFull(copy: SvidView): void {
    this.dropped += 1
    if (this.#limit === 0) return
    this.#shares ??= new RowShares(this.#copiesOfRows().map(({ namespace }) => namespace))
    const row = this.#shares.take(copy.labels.namespace)
    if (row === undefined) return
    const before = this.#used[row]
    if (before) this.#names.release(before)
    this.#set(row, this.#names.nameOf(copy.slot, copy.labels), copy)
    this.#pods?.add(copy.labels.pod)
  }

  #set(row: number, name: SeriesName, copy: SvidView): void {
    this.#names.use(name, row)
    this.#used[row] = name
    this.labels[row] = name.text
    this.#copies[row] = copy.labels
    this.#setTimes(row, copy)
  }

  #setTimes(row: number, { svid, renewalDueMs, lastObservedMs }: SvidView): void {
    this.notAfterMs[row] = svid.notAfterMs
    this.notBeforeMs[row] = svid.notBeforeMs
    this.renewalDueMs[row] = renewalDueMs
    this.lastObservedMs[row] = lastObservedMs
  }

  /** Reports whether a series with these labels can exist, without rendering its name. */
  #mayHave({ pod }: SvidLabels): boolean {
    this.#pods ??= new Set(this.#copiesOfRows().map((copy) => copy.pod))
    return this.#pods.has(pod)
  }

  #forgetShares(): void {
    this.#pods = undefined
    this.#shares = undefined
  }

  #copiesOfRows(): IteratorObject<SvidLabels> {
    return this.#copies.values().take(this.#rows)
  }
}
