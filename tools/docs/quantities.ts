const units = [
  [24 * 60 * 60_000, 'd'],
  [60 * 60_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const

/** Returns a duration in ms in the largest unit in which it is a whole number; in seconds if there is none. */
export function duration(ms: number): string {
  const [unitMs, unit] = units.find(([size]) => ms % size === 0) ?? [1_000, 's']
  return `${ms / unitMs} ${unit}`
}

/** Returns a share in whole percent. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
