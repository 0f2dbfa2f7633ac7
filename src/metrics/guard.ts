import { perIdentityFamilies } from './catalogue.ts'

/** The series that the cardinality guard lets through, and the number of those that it drops. */
export interface Guarded {
  /** The labels of each series, as `closedLabelText` renders them. */
  readonly labels: readonly string[]
  readonly dropped: number
}

/** Returns how many series each per-identity family may have so that all of them together stay within `maxSeries`. */
export function seriesPerFamily(maxSeries: number): number {
  return Math.floor(maxSeries / perIdentityFamilies.length)
}

/** Lets through the first `limit` items with different labels. Both formats forbid two series with the same labels. */
export function guard<Item>(items: Iterable<Item>, limit: number, labelsOf: (item: Item) => string): Guarded {
  const labels = new Set<string>()
  let itemCount = 0
  for (const item of items) {
    itemCount += 1
    if (labels.size < limit) labels.add(labelsOf(item))
  }
  return { labels: [...labels], dropped: itemCount - labels.size }
}
