/** Returns counts by reason that begin at zero, with every reason. */
export const noReasons = <Reason extends string>(reasons: Readonly<Record<Reason, string>>): Map<Reason, number> =>
  new Map((Object.keys(reasons) as Reason[]).map((reason) => [reason, 0]))

/** Adds one to the count of a reason. */
export function addReason<Reason extends string>(counts: Map<Reason, number>, reason: Reason): void {
  counts.set(reason, (counts.get(reason) ?? 0) + 1)
}

/** Adds to the count of a key. A count of 0 is removed. */
export function addTo<Key>(counts: Map<Key, number>, key: Key, difference: number): void {
  const count = (counts.get(key) ?? 0) + difference
  if (count === 0) counts.delete(key)
  else counts.set(key, count)
}
