/** Returns the word that was probably meant, the one with the smallest Levenshtein distance; undefined if none is close. */
export function nearest(given: string, words: readonly string[]): string | undefined {
  if (given.length > 60) return undefined
  const [best] = words
    .map((word) => ({ word, distance: levenshteinDistance(given.toLowerCase(), word.toLowerCase()) }))
    .filter(({ word, distance }) => distance <= Math.max(1, Math.floor(word.length / 3)))
    .sort((a, b) => a.distance - b.distance)
  return best?.word
}

/** Returns the Levenshtein distance: how many letters must be added, removed or replaced. */
function levenshteinDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let line = 1; line <= a.length; line++) {
    const next = [line]
    for (let column = 1; column <= b.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (a[line - 1] === b[column - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
