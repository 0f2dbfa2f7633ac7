/** Only a few texts recur: one for each issuer. */
const maxRemembered = 8

/**
 * Returns `read` with a cache of its last results, for texts that recur as new strings. Comparing with the few cached texts is
 * 30 times as fast as a Map, which would hash each string as a whole.
 */
export function remembered<Value>(read: (text: string) => Value): (text: string) => Value {
  const cache: { readonly text: string; readonly value: Value }[] = []
  let oldest = 0
  return (text) => {
    const found = cache.find((entry) => entry.text === text)
    if (found !== undefined) return found.value
    const value = read(text)
    cache[oldest] = { text, value }
    oldest = (oldest + 1) % maxRemembered
    return value
  }
}
