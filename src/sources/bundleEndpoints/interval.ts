const minIntervalMs = 10_000
const maxIntervalMs = 3_600_000
/** What SPIFFE Federation section 4.1 recommends for a bundle without a hint. */
const defaultIntervalMs = 300_000
const jitter = 0.1

/**
 * Returns the wait before the next attempt at an endpoint, after a success or a failure. It is the bundle's refresh hint within
 * bounds: a wrong hint must not flood the endpoint, nor hide a stuck bundle for days. Up to a tenth less at random spreads them.
 */
export function intervalMs(refreshHintMs: number | undefined, random: number): number {
  const hintedMs = Math.min(Math.max(refreshHintMs ?? defaultIntervalMs, minIntervalMs), maxIntervalMs)
  return Math.round(hintedMs * (1 - jitter * random))
}
