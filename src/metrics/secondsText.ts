/** `.001` to `.999` without zeros at the end; '' for 0. */
const fractions = Array.from({ length: 1000 }, (_, ms) => String(ms / 1000).slice(1))

/** Up to so many milliseconds are seconds of at most 15 digits, which a number holds exactly enough to be written back. */
const maxExactMs = 1e15

/**
 * Milliseconds in seconds, as `String(ms / 1000)` writes them. A scrape writes one for each series: put together from whole
 * seconds and a fraction that is known, it takes a tenth of the time.
 */
export function secondsText(ms: number): string {
  if (!Number.isInteger(ms) || Math.abs(ms) >= maxExactMs) return String(ms / 1000)
  const size = Math.abs(ms)
  const seconds = Math.floor(size / 1000)
  const text = `${seconds}${fractions[size - seconds * 1000]}`
  return ms < 0 ? `-${text}` : text
}
