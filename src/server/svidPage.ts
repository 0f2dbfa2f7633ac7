import type { SvidView } from '../ledger/workloads/view.ts'
import { compareKeys, keyOf, type SvidKey } from './svidOrder.ts'

/** Which copies are asked for. */
export interface SvidQuery {
  readonly limit: number
  /** Only what comes after this key. */
  readonly after?: SvidKey
  /** Only copies with exactly these values. */
  readonly namespace?: string
  readonly copy?: SvidView['labels']['copy']
  readonly state?: SvidView['state']
}

export interface SvidPage {
  readonly svids: readonly SvidView[]
  /** The key of the last of them, where more follow. */
  readonly next?: SvidKey
  /** How many copies match on all pages together. */
  readonly total: number
}

interface Entry {
  readonly key: SvidKey
  readonly view: SvidView
}

/**
 * One page of `views`, which are of the namespace that is asked for, in the order of the keys. A key and not a number says where
 * the next page begins, so SVIDs that come and go between two pages neither repeat nor hide others.
 */
export function pageOf(views: Iterable<SvidView>, query: SvidQuery): SvidPage {
  const smallest = new SmallestEntries(query.limit + 1)
  let total = 0
  for (const view of views) {
    if (!matches(view, query)) continue
    total += 1
    const key = keyOf(view)
    if (query.after === undefined || compareKeys(key, query.after) > 0) smallest.add({ key, view })
  }
  const found = smallest.sorted()
  const entries = found.slice(0, query.limit)
  const last = entries.at(-1)
  return {
    svids: entries.map(({ view }) => view),
    ...(found.length > query.limit && last && { next: last.key }),
    total,
  }
}

function matches({ labels, state }: SvidView, query: SvidQuery): boolean {
  return (
    (query.copy === undefined || labels.copy === query.copy) && (query.state === undefined || state === query.state)
  )
}

/** The first few of many entries: one page must not cost sorting all SVIDs of a large cluster. */
class SmallestEntries {
  readonly #count: number
  #entries: Entry[] = []
  /** No entry that does not come before this one can be among the first. */
  #bound: SvidKey | undefined

  constructor(count: number) {
    this.#count = count
  }

  add(entry: Entry): void {
    if (this.#bound && compareKeys(entry.key, this.#bound) >= 0) return
    this.#entries.push(entry)
    if (this.#entries.length < 2 * this.#count) return
    this.#entries = this.sorted()
    this.#bound = this.#entries.at(-1)?.key
  }

  sorted(): Entry[] {
    return this.#entries.toSorted((a, b) => compareKeys(a.key, b.key)).slice(0, this.#count)
  }
}
