import type { SvidView } from '../ledger/workloads/view.ts'
import type { Guarded } from './guard.ts'
import type { SeriesNames } from './seriesNames.ts'

/**
 * The series that stand for copies of SVIDs, as columns: what belongs to `labels[row]` is at `row` in each. Numbers in arrays
 * cost a scrape a fraction of what an object for each copy does, and they stay as they are when the ledger changes.
 */
export class SvidSeries implements Guarded {
  readonly #limit: number
  readonly #names: SeriesNames
  readonly labels: string[] = []
  readonly notAfterMs: number[] = []
  readonly notBeforeMs: number[] = []
  readonly renewalDueMs: number[] = []
  readonly lastObservedMs: number[] = []
  /** How many copies have no series of their own. */
  dropped = 0

  constructor(limit: number, names: SeriesNames) {
    this.#limit = limit
    this.#names = names
  }

  /** Of copies that cannot be told apart, the one that expires first is the one to warn of. */
  add({ labels, svid, renewalDueMs, lastObservedMs }: SvidView): void {
    const isFull = this.labels.length >= this.#limit
    if (isFull && !this.#names.mayHave(labels)) {
      this.dropped += 1
      return
    }
    const name = this.#names.of(labels)
    const isKnown = this.labels[name.row] === name.text
    if (isKnown || isFull) this.dropped += 1
    if (isKnown ? !(svid.notAfterMs < (this.notAfterMs[name.row] ?? NaN)) : isFull) return
    if (!isKnown) name.row = this.labels.push(name.text) - 1
    this.notAfterMs[name.row] = svid.notAfterMs
    this.notBeforeMs[name.row] = svid.notBeforeMs
    this.renewalDueMs[name.row] = renewalDueMs
    this.lastObservedMs[name.row] = lastObservedMs
  }
}
