import type { SvidLabels, SvidView } from '../ledger/workloads/view.ts'
import type { Guarded } from './guard.ts'
import type { SeriesNames } from './seriesNames.ts'

/**
 * The series that stand for copies of SVIDs, as columns: what belongs to `labels[row]` is at `row` in each. Numbers in arrays
 * cost a scrape a fraction of what an object for each copy does, and they stay as they are when the ledger changes.
 */
export class SvidSeries implements Guarded {
  readonly #limit: number
  readonly #names: SeriesNames
  readonly #copies: SvidLabels[] = []
  /** The pods that have a series, once there is no room for more. */
  #pods: ReadonlySet<string> | undefined
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
  add({ slot, labels, svid, renewalDueMs, lastObservedMs }: SvidView): void {
    const isFull = this.labels.length >= this.#limit
    if (isFull && !this.#mayHave(labels)) {
      this.dropped += 1
      return
    }
    const name = this.#names.of(slot, labels)
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

  /** Reports whether there can be a series with these labels: without making a name to see. */
  #mayHave({ pod }: SvidLabels): boolean {
    this.#pods ??= new Set(this.#copies.map((copy) => copy.pod))
    return this.#pods.has(pod)
  }
}
