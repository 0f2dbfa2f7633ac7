import type { SvidView, WorkloadView } from '../ledger/workloads/view.ts'
import { compareKeys, keyOf, keyPrefixOf, type SvidKey } from './svidOrder.ts'

/** The copies that a request asks for. */
export interface SvidQuery {
  readonly limit: number
  /** Only copies with a key after this one. */
  readonly afterKey?: SvidKey
  /** Only copies with exactly these values. */
  readonly namespace?: string
  readonly copy?: SvidView['labels']['copy']
  readonly state?: SvidView['state']
}

export interface SvidPage {
  readonly svids: readonly SvidView[]
  /** The key of the last copy on this page; undefined on the last page. */
  readonly next?: SvidKey
  /** The number of copies that match the query, on all pages. */
  readonly total: number
}

interface Entry {
  readonly key: SvidKey
  readonly view: SvidView
}

/** The search for a page yields after this many workloads, which take about a tenth of a millisecond. */
const workloadsPerSlice = 128

/**
 * Returns one page of the copies of `workloads`, in the order of their keys. `workloads` are those of the namespace of the query.
 * The next page begins after a key and not at an offset, so SVIDs that come and go between two pages neither repeat nor hide
 * others. Yields wherever the search may be interrupted.
 */
export function* pageOf(workloads: Iterable<WorkloadView>, query: SvidQuery): Generator<undefined, SvidPage> {
  const smallest = new SmallestEntries(query.limit + 1, query.afterKey)
  const countsAll = query.copy === undefined && query.state === undefined
  let total = 0
  let visited = 0
  for (const workload of workloads) {
    if ((visited += 1) % workloadsPerSlice === 0) yield
    const mayBeOnPage = smallest.mayTake(workload)
    if (countsAll && !mayBeOnPage) {
      total += workload.size
      continue
    }
    const views = workload.copies().filter((view) => matches(view, query))
    total += views.length
    if (mayBeOnPage) for (const view of views) smallest.add({ key: keyOf(view), view })
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

/** Keeps the first `count` of many entries after a key, so that one page does not cost sorting all SVIDs of a large cluster. */
class SmallestEntries {
  readonly #count: number
  readonly #afterKey: SvidKey | undefined
  #entries: Entry[] = []
  /** The key of the last entry that is kept, once there are `count` of them: only an entry before it can be among the first. */
  #bound: SvidKey | undefined

  constructor(count: number, afterKey: SvidKey | undefined) {
    this.#count = count
    this.#afterKey = afterKey
  }

  /** Reports whether copies of the workload can be among the first, from the beginning of their keys, which costs next to nothing. */
  mayTake(workload: WorkloadView): boolean {
    const prefix = keyPrefixOf(workload)
    if (this.#afterKey && compareKeys(prefix, this.#afterKey) < 0) return false
    return this.#bound === undefined || compareKeys(prefix, this.#bound) <= 0
  }

  add(entry: Entry): void {
    if (this.#afterKey && compareKeys(entry.key, this.#afterKey) <= 0) return
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
