import type { SvidView, WorkloadView } from '../ledger/workloads/view.ts'
import { PageEntries } from './pageEntries.ts'
import { compareKeys, keyOf, keyPrefixOf, type ListedView, type SvidKey } from './svidOrder.ts'

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
  readonly views: readonly ListedView[]
  /** The key of the last copy on this page; undefined on the last page. */
  readonly next?: SvidKey
  /** The number of copies that match the query, on all pages. */
  readonly total: number
}

interface Position {
  readonly key: SvidKey
}

interface Entry extends Position {
  readonly view: ListedView
}

/** The search for a page yields after this many workloads, which take about a tenth of a millisecond. */
const workloadsPerSlice = 128

/**
 * Returns one page of the copies of `workloads` and of their files that were never read, in the order of their keys. `workloads` are
 * those of the namespace of the query. Yields wherever the search may be interrupted.
 */
export function* pageOf(workloads: Iterable<WorkloadView>, query: SvidQuery): Generator<undefined, SvidPage> {
  const found = new PageEntries<Position, Entry>(query.limit, query.afterKey && { key: query.afterKey }, compareEntries)
  const countsAll = query.copy === undefined && query.state === undefined
  let total = 0
  let visited = 0
  for (const workload of workloads) {
    if ((visited += 1) % workloadsPerSlice === 0) yield
    const mayBeOnPage = found.mayTake({ key: keyPrefixOf(workload) })
    if (countsAll && !mayBeOnPage) {
      total += workload.size
      continue
    }
    const views = [...workload.copies(), ...workload.unread()].filter((view) => matches(view, query))
    total += views.length
    if (mayBeOnPage) for (const view of views) found.add({ key: keyOf(view), view })
  }
  const { entries, last } = found.page()
  return { views: entries.map(({ view }) => view), ...(last && { next: last.key }), total }
}

const compareEntries = (one: Position, other: Position): number => compareKeys(one.key, other.key)

/** A file that was never read has no state. */
function matches(view: ListedView, query: SvidQuery): boolean {
  if (query.copy !== undefined && view.labels.copy !== query.copy) return false
  return query.state === undefined || ('svid' in view && view.state === query.state)
}
