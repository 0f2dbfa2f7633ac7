/** Returns the largest number to which each of the lengths can be cut so that all fit into `room`, but at least 1. */
export function fairShare(lengths: readonly number[], room: number): number {
  let left = room
  const ascending = lengths.toSorted((one, other) => one - other)
  for (const [index, length] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - index))
    if (length > share) return Math.max(share, 1)
    left -= length
  }
  return room
}
