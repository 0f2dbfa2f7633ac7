import type { Clock } from '../clock.ts'
import { endOf, longestMs, type SpanGroup } from './spans.ts'

/** What can become of a span that was offered. Codes are contracts: they are label values. */
export const spanOutcomes = {
  exported: 'the collector has accepted it',
  failed: 'the collector has refused it',
  dropped: 'the queue was full, because the collector was away or too slow',
  unsampled: 'sampling has left it out; never a span of something that failed',
  too_old: 'it ended more than 24 h ago before the collector was back',
} as const

export type SpanOutcome = keyof typeof spanOutcomes

/** How many spans were offered, and what became of them. Whatever is neither is in the queue, or on its way. */
export interface SpanCounts {
  readonly offered: number
  readonly queued: number
  readonly outcomes: Readonly<Record<SpanOutcome, number>>
}

export interface SpanQueueOptions {
  readonly clock: Clock
  /** The most spans that wait, or are on their way. */
  readonly maxSpans: number
  readonly isSampled: (group: SpanGroup) => boolean
  /** Called for a group that was queued and will not leave. */
  readonly lost: (group: SpanGroup) => void
}

/** SpanQueue holds the spans that are to leave, bounded, and counts each span that is offered exactly once. */
export class SpanQueue implements SpanCounts {
  readonly #options: SpanQueueOptions
  #waiting: SpanGroup[] = []
  /** The spans in `#waiting`, and those that were taken and are not settled. */
  #waitingSpans = 0
  #takenSpans = 0
  offered = 0
  readonly outcomes: Record<SpanOutcome, number> = { exported: 0, failed: 0, dropped: 0, unsampled: 0, too_old: 0 }

  constructor(options: SpanQueueOptions) {
    this.#options = options
  }

  get queued(): number {
    return this.#waitingSpans + this.#takenSpans
  }

  get waiting(): number {
    return this.#waitingSpans
  }

  /** Takes a group, and makes room for it if needed: the oldest groups that wait are dropped. Reports whether it is queued. */
  offer(group: SpanGroup): boolean {
    this.offered += group.spans.length
    if (!group.isFailure && !this.#options.isSampled(group)) return this.#count([group], 'unsampled')
    if (this.#takenSpans + group.spans.length > this.#options.maxSpans) return this.#count([group], 'dropped')
    this.#waiting.push(group)
    this.#waitingSpans += group.spans.length
    this.#dropOldest()
    return true
  }

  /** Takes out whole groups, the oldest first: of about so many spans, and at least one group if there is one. */
  take(spans: number): readonly SpanGroup[] {
    const oldestMs = this.#options.clock.now() - longestMs
    let count = 0
    let taken = 0
    for (const group of this.#waiting) {
      if (count > 0 && taken + group.spans.length > spans) break
      count += 1
      taken += group.spans.length
    }
    const groups = this.#remove(count)
    const [tooOld, fresh] = [
      groups.filter((group) => endOf(group) < oldestMs),
      groups.filter((group) => endOf(group) >= oldestMs),
    ]
    this.#lose(tooOld, 'too_old')
    this.#takenSpans += spansIn(fresh)
    return fresh
  }

  /** Groups that were taken have been sent. The collector has refused so many of their spans. */
  sent(groups: readonly SpanGroup[], refused: number): void {
    const spans = spansIn(groups)
    const failed = Math.min(refused, spans)
    this.#takenSpans -= spans
    this.outcomes.failed += failed
    this.outcomes.exported += spans - failed
  }

  /** The collector has refused groups that were taken. */
  refused(groups: readonly SpanGroup[]): void {
    this.#takenSpans -= spansIn(groups)
    this.#lose(groups, 'failed')
  }

  /** Groups that were taken could not be sent. They come first again. */
  putBack(groups: readonly SpanGroup[]): void {
    const spans = spansIn(groups)
    this.#takenSpans -= spans
    this.#waitingSpans += spans
    this.#waiting = [...groups, ...this.#waiting]
    this.#dropOldest()
  }

  /** Drops everything that waits. */
  close(): void {
    this.#lose(this.#remove(this.#waiting.length), 'dropped')
  }

  #dropOldest(): void {
    let count = 0
    let spans = 0
    while (this.queued - spans > this.#options.maxSpans) {
      spans += this.#waiting[count]?.spans.length ?? Infinity
      count += 1
    }
    this.#lose(this.#remove(count), 'dropped')
  }

  #remove(count: number): readonly SpanGroup[] {
    if (count === 0) return []
    const removed = this.#waiting.splice(0, count)
    this.#waitingSpans -= spansIn(removed)
    return removed
  }

  #lose(groups: readonly SpanGroup[], outcome: SpanOutcome): void {
    this.#count(groups, outcome)
    groups.forEach(this.#options.lost)
  }

  #count(groups: readonly SpanGroup[], outcome: SpanOutcome): false {
    this.outcomes[outcome] += spansIn(groups)
    return false
  }
}

const spansIn = (groups: readonly SpanGroup[]): number => groups.reduce((sum, { spans }) => sum + spans.length, 0)
