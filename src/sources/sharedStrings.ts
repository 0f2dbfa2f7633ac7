/**
 * Strings that many objects have in common (namespaces, issuers, nodes) are held once instead of once for each of 100,000
 * objects. That saves about 250 bytes for a pod with its request. The table is emptied when it is full, and fills again.
 */
const maxShared = 4096

const texts = new Map<string, string>()
const lists = new Map<string, readonly unknown[]>()

/** Longer lists are rare, and would take much memory in the table. */
const maxListLength = 4

/** Returns the shared string that is equal to `text`. */
export const intern = (text: string): string => internIn(texts, text, text)

/** Returns the shared list that is equal to `list`. Lists are equal if their JSON is, so items must be plain JSON values. */
export function internList<Item>(list: readonly Item[]): readonly Item[] {
  return list.length > maxListLength ? list : (internIn(lists, JSON.stringify(list), list) as readonly Item[])
}

function internIn<Value>(table: Map<string, Value>, key: string, value: Value): Value {
  const known = table.get(key)
  if (known !== undefined) return known
  if (table.size === maxShared) table.clear()
  table.set(key, value)
  return value
}
