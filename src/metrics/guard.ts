import { perIdentityFamilies } from './catalogue.ts'

/** The series that the cardinality guard lets through, by their labels, and how many it left out. */
export interface Guarded<Item> {
  readonly series: ReadonlyMap<string, Item>
  readonly dropped: number
}

/** How many series each per-identity family may have, for all of them together to stay within `maxSeries`. */
export function seriesPerFamily(maxSeries: number): number {
  return Math.floor(maxSeries / perIdentityFamilies.length)
}

/**
 * Lets through the first `limit` items that differ in their labels. Two items with the same labels would be one series
 * twice, which no format allows: of those, `prefers` decides which one stands for both.
 */
export function guard<Item>(
  items: Iterable<Item>,
  limit: number,
  labelsOf: (item: Item) => string,
  prefers: (item: Item, other: Item) => boolean,
): Guarded<Item> {
  const series = new Map<string, Item>()
  let dropped = 0
  for (const item of items) {
    const labels = labelsOf(item)
    const other = series.get(labels)
    if (other === undefined && series.size < limit) {
      series.set(labels, item)
      continue
    }
    dropped += 1
    if (other !== undefined && prefers(item, other)) series.set(labels, item)
  }
  return { series, dropped }
}
