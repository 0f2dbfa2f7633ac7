import { noDurations, observe, type Histogram } from './totals.ts'
import { durationBuckets } from './view.ts'

const slotMs = 60_000
const slotCount = 15

interface Slot extends Histogram {
  /** Which minute of the monotonic clock the slot counts. */
  readonly minute: number
}

/** SlidingHistogram counts durations of the last 15 minutes, by whole minutes, in the buckets of the other histograms. */
export class SlidingHistogram {
  /** One for each minute in which something was observed; the minute of the oldest is used again. */
  readonly #slots = new Map<number, Slot>()

  observe(seconds: number, monotonicMs: number): void {
    const minute = Math.floor(monotonicMs / slotMs)
    const index = minute % slotCount
    const known = this.#slots.get(index)
    const slot = known?.minute === minute ? known : { minute, ...noDurations() }
    this.#slots.set(index, slot)
    observe(slot, seconds)
  }

  /** Returns how many durations were observed in each bucket alone in the 15 minutes until `monotonicMs`. */
  counts(monotonicMs: number): readonly number[] {
    const oldest = Math.floor(monotonicMs / slotMs) - slotCount + 1
    const { counts } = noDurations()
    for (const slot of this.#slots.values())
      if (slot.minute >= oldest)
        slot.counts.forEach((count, bucket) => (counts[bucket] = (counts[bucket] ?? 0) + count))
    return counts
  }
}

/**
 * Returns the quantile of durations in seconds, interpolated within its bucket, as Prometheus' histogram_quantile does. `counts[i]`
 * is the number of durations in bucket i alone, and not all are 0. Beyond the last bound, that bound is returned.
 */
export function quantileOf(quantile: number, counts: readonly number[]): number {
  const rank = quantile * counts.reduce((sum, count) => sum + count, 0)
  let below = 0
  for (const [bucket, upper] of durationBuckets.entries()) {
    const count = counts[bucket] ?? 0
    const lower = durationBuckets[bucket - 1] ?? 0
    if (count > 0 && below + count >= rank) return lower + (upper - lower) * ((rank - below) / count)
    below += count
  }
  return durationBuckets.at(-1) ?? Infinity
}
