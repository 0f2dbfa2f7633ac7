/**
 * What many objects say in the same words (namespaces, issuers, nodes) is held once and not once for each of 100,000 objects,
 * of which each comes with strings of its own: about 250 bytes less for a pod with its request. It is bounded: what is
 * forgotten is shared anew when it comes again.
 */
const maxShared = 4096

const texts = new Map<string, string>()
const lists = new Map<string, readonly unknown[]>()

/** Longer lists are rare, and would make the memory for them large. */
const maxListLength = 4

/** An equal string, the same one for all who ask. */
export const shared = (text: string): string => sharedIn(texts, text, text)

/** An equal list, the same one for all who ask. Its items are what JSON can say of them: lists of equal JSON are equal. */
export function sharedList<Item>(list: readonly Item[]): readonly Item[] {
  return list.length > maxListLength ? list : (sharedIn(lists, JSON.stringify(list), list) as readonly Item[])
}

function sharedIn<Value>(all: Map<string, Value>, key: string, value: Value): Value {
  const known = all.get(key)
  if (known !== undefined) return known
  if (all.size === maxShared) all.clear()
  all.set(key, value)
  return value
}
