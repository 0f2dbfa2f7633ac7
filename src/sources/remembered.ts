/** A handful of texts take turns; that of each issuer is one. */
const maxRemembered = 8

/**
 * The same function, with its last results kept, and their texts, for texts that come again and again, each time as a string of
 * its own. A Map would take 30 times as long as to compare with the few texts: it would have to hash each string as a whole.
 */
export function remembered<Value>(read: (text: string) => Value): (text: string) => Value {
  const known: { readonly text: string; readonly value: Value }[] = []
  let oldest = 0
  return (text) => {
    const found = known.find((one) => one.text === text)
    if (found !== undefined) return found.value
    const value = read(text)
    known[oldest] = { text, value }
    oldest = (oldest + 1) % maxRemembered
    return value
  }
}
