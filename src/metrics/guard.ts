import { addTo } from '../ledger/counts.ts'
import { fairShare } from '../ledger/fairShare.ts'
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

/**
 * Lets through items with different labels, `limit` of them at most, the first ones of each namespace. The limit is divided between
 * the namespaces. Both formats forbid two series with the same labels.
 */
export function guard<Item extends { readonly labels: { readonly namespace: string } }>(
  items: readonly Item[],
  limit: number,
  labelsOf: (item: Item) => string,
): Guarded {
  const labels = new Set<string>()
  for (const item of sharesOf(items, limit, ({ labels: { namespace } }) => namespace)) labels.add(labelsOf(item))
  return { labels: [...labels], dropped: items.length - labels.size }
}

/** Returns the first items of each namespace, as many of each as its share of the limit. */
export function sharesOf<Item>(
  items: readonly Item[],
  limit: number,
  namespaceOf: (item: Item) => string,
): readonly Item[] {
  if (items.length <= limit) return items
  const sizes = new Map<string, number>()
  for (const item of items) addTo(sizes, namespaceOf(item), 1)
  const share = fairShare([...sizes.values()], limit)
  const taken = new Map<string, number>()
  const kept = items.filter((item) => {
    const namespace = namespaceOf(item)
    addTo(taken, namespace, 1)
    return (taken.get(namespace) ?? 0) <= share
  })
  return kept.slice(0, limit)
}
