import { addTo } from '../ledger/counts.ts'
import { fairShare } from '../ledger/fairShare.ts'
import type { SvidLabels } from '../ledger/workloads/view.ts'

/** SeriesShares divides a limited number of series between namespaces. The first copies of each namespace have its share. */
export class SeriesShares {
  readonly #share: number
  readonly #taken = new Map<string, number>()
  readonly #pods = new Set<string>()
  #left: number

  /** `copies` are all that are to be divided, in any order. */
  constructor(limit: number, copies: Iterable<SvidLabels>) {
    const sizes = new Map<string, number>()
    for (const { namespace } of copies) addTo(sizes, namespace, 1)
    this.#share = fairShare([...sizes.values()], limit)
    this.#left = limit
  }

  /** Reports whether a copy can have a series: one of its own, or that of a copy with equal labels. */
  mayHave({ namespace, pod }: SvidLabels): boolean {
    return this.#hasPlace(namespace) || this.#pods.has(pod)
  }

  /** Takes a series for a copy. Reports whether there was one. */
  take({ namespace, pod }: SvidLabels): boolean {
    if (!this.#hasPlace(namespace)) return false
    addTo(this.#taken, namespace, 1)
    this.#left -= 1
    this.#pods.add(pod)
    return true
  }

  #hasPlace(namespace: string): boolean {
    return this.#left > 0 && (this.#taken.get(namespace) ?? 0) < this.#share
  }
}
