import { perIdentityFamilies } from './catalogue.ts'

/** The series that the cardinality guard lets through, by their labels as `closedLabelText` makes them, and how many it left out. */
export interface Guarded {
  readonly labels: readonly string[]
  readonly dropped: number
}

/** How many series each per-identity family may have, for all of them together to stay within `maxSeries`. */
export function seriesPerFamily(maxSeries: number): number {
  return Math.floor(maxSeries / perIdentityFamilies.length)
}

/**
 * Lets through the first `limit` items that differ in their labels. Two items with the same labels would be one series twice,
 * which no format allows.
 */
export function guard<Item>(items: Iterable<Item>, limit: number, labelsOf: (item: Item) => string): Guarded {
  const labels = new Set<string>()
  let all = 0
  for (const item of items) {
    all += 1
    if (labels.size < limit) labels.add(labelsOf(item))
  }
  return { labels: [...labels], dropped: all - labels.size }
}
