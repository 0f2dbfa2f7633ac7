/** Makes counts by reason that begin at zero, every reason there. */
export const noReasons = <Reason extends string>(reasons: Readonly<Record<Reason, string>>): Map<Reason, number> =>
  new Map((Object.keys(reasons) as Reason[]).map((reason) => [reason, 0]))

/** Counts one more for a reason. */
export function addReason<Reason extends string>(counts: Map<Reason, number>, reason: Reason): void {
  counts.set(reason, (counts.get(reason) ?? 0) + 1)
}

/** Adds to a count, which is there only while it is not 0. */
export function addTo<Key>(counts: Map<Key, number>, key: Key, difference: number): void {
  const count = (counts.get(key) ?? 0) + difference
  if (count === 0) counts.delete(key)
  else counts.set(key, count)
}
