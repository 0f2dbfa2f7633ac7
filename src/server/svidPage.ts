import type { SvidView, WorkloadView } from '../ledger/workloads/view.ts'
import { compareKeys, keyOf, placeOf, type SvidKey } from './svidOrder.ts'

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

/** After so many workloads the search for a page may be interrupted: they take about a tenth of a millisecond. */
const slice = 128

/**
 * One page of the copies of `workloads`, which are of the namespace that is asked for, in the order of the keys. A key and not a
 * number says where the next page begins, so SVIDs that come and go between two pages neither repeat nor hide others. It yields
 * wherever it may be interrupted.
 */
export function* pageOf(workloads: Iterable<WorkloadView>, query: SvidQuery): Generator<undefined, SvidPage> {
  const smallest = new SmallestEntries(query.limit + 1, query.after)
  const countsAll = query.copy === undefined && query.state === undefined
  let total = 0
  let seen = 0
  for (const workload of workloads) {
    if ((seen += 1) % slice === 0) yield
    const isOnPage = smallest.mayTake(workload)
    if (countsAll && !isOnPage) {
      total += workload.size
      continue
    }
    const views = workload.copies().filter((view) => matches(view, query))
    total += views.length
    if (isOnPage) for (const view of views) smallest.add({ key: keyOf(view), view })
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
  /** Only what comes after it. */
  readonly #after: SvidKey | undefined
  #entries: Entry[] = []
  /** No entry that does not come before this one can be among the first. */
  #bound: SvidKey | undefined

  constructor(count: number, after: SvidKey | undefined) {
    this.#count = count
    this.#after = after
  }

  /** Reports whether copies of the workload can be among the first: told by its place alone, which costs next to nothing. */
  mayTake(workload: WorkloadView): boolean {
    const place = placeOf(workload)
    if (this.#after && compareKeys(place, this.#after) < 0) return false
    return this.#bound === undefined || compareKeys(place, this.#bound) <= 0
  }

  add(entry: Entry): void {
    if (this.#after && compareKeys(entry.key, this.#after) <= 0) return
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
