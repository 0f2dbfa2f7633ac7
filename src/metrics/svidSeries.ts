import type { SvidLabels, SvidView } from '../ledger/workloads/view.ts'
import type { Guarded } from './guard.ts'
import type { SeriesNames } from './seriesNames.ts'

/**
 * Holds the series of copies of SVIDs as columns: `notAfterMs[row]` and the others belong to `labels[row]`. Arrays of numbers cost
 * a scrape a fraction of what an object for each copy does, and do not change when the ledger does.
 */
export class SvidSeries implements Guarded {
  readonly #limit: number
  readonly #names: SeriesNames
  readonly #copies: SvidLabels[] = []
  /** The pods that have a series; set once the limit is reached. */
  #pods: ReadonlySet<string> | undefined
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

  /** Adds a copy, within the limit. Of copies with equal labels, the one that expires first is kept, since it needs the warning. */
  add({ slot, labels, svid, renewalDueMs, lastObservedMs }: SvidView): void {
    const isFull = this.labels.length >= this.#limit
    if (isFull && !this.#mayHave(labels)) {
      this.dropped += 1
      return
    }
    const name = this.#names.nameOf(slot, labels)
    const isKnown = this.#names.isUsed(name)
    if (isKnown || isFull) this.dropped += 1
    if (isKnown ? !(svid.notAfterMs < (this.notAfterMs[name.row] ?? NaN)) : isFull) return
    if (!isKnown) {
      this.#names.use(name, this.labels.push(name.text) - 1)
      this.#copies.push(labels)
    }
    this.notAfterMs[name.row] = svid.notAfterMs
    this.notBeforeMs[name.row] = svid.notBeforeMs
    this.renewalDueMs[name.row] = renewalDueMs
    this.lastObservedMs[name.row] = lastObservedMs
  }

  /** Reports whether a series with these labels can exist, without rendering its name. */
  #mayHave({ pod }: SvidLabels): boolean {
    this.#pods ??= new Set(this.#copies.map((copy) => copy.pod))
    return this.#pods.has(pod)
  }
}
