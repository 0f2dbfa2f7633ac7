const minIntervalMs = 10_000
const maxIntervalMs = 3_600_000
/** SPIFFE Federation section 4.1 recommends it where a bundle does not say. */
const defaultIntervalMs = 300_000
const jitter = 0.1

/**
 * How long to wait before an endpoint is asked again, well or not: as long as its bundle hints, within bounds, so that neither a
 * mistaken hint floods it nor a bundle that is stuck stays unnoticed for days. Up to a tenth less, so that endpoints go apart.
 */
export function intervalMs(refreshHintMs: number | undefined, random: number): number {
  const hintedMs = Math.min(Math.max(refreshHintMs ?? defaultIntervalMs, minIntervalMs), maxIntervalMs)
  return Math.round(hintedMs * (1 - jitter * random))
}
