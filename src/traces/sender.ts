import type { Clock } from '../clock.ts'
import { Backoff } from '../retry/backoff.ts'
import type { SpanQueue } from './queue.ts'
import type { SendingSettings } from './settings.ts'
import type { SpanGroup, TraceSpan } from './spans.ts'

/** The result of sending spans once. */
export type SendResult =
  /** The collector has taken them, but for so many that it has refused. */
  | { readonly is: 'sent'; readonly refused: number }
  /** The collector has refused all of them, and would again. */
  | { readonly is: 'refused'; readonly detail: string }
  /** They may be sent again later. */
  | { readonly is: 'unreachable'; readonly detail: string }

/** Sends spans. Never rejects. */
export type Send = (spans: readonly TraceSpan[]) => Promise<SendResult>

export interface SenderOptions extends SendingSettings {
  readonly clock: Clock
  readonly queue: SpanQueue
  readonly send: Send
  /** Called when the collector cannot be reached or refuses spans, and when it takes spans again; once each time. */
  readonly troubled: (detail: string | undefined) => void
}

/** Sender sends what is in a queue, one batch after the other. While the collector is away, everything waits in the queue. */
export class Sender {
  readonly #options: SenderOptions
  readonly #backoff: Backoff
  #pause = new AbortController()
  #isTroubled = false

  constructor(options: SenderOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.clock)
  }

  /** More waits in the queue. A whole batch is sent at once. */
  wake(): void {
    if (this.#options.queue.waiting >= this.#options.batchSpans) this.#pause.abort()
  }

  /** Sends until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, delayMs } = this.#options
    const isOver = () => signal.aborted
    while (!isOver()) {
      this.#pause = new AbortController()
      this.wake()
      await clock.sleep(delayMs, AbortSignal.any([this.#pause.signal, signal]))
      while (!isOver() && !(await this.flush(signal))) await clock.sleep(this.#backoff.nextMs(), signal)
    }
  }

  /** Sends everything that waits. Resolves to false if the collector cannot be reached, or the signal aborts. */
  async flush(signal: AbortSignal): Promise<boolean> {
    const { queue, batchSpans } = this.#options
    for (let batch = queue.take(batchSpans); batch.length > 0; batch = queue.take(batchSpans))
      if (!(await this.#sendBatch(batch, signal))) return false
    return true
  }

  async #sendBatch(batch: readonly SpanGroup[], signal: AbortSignal): Promise<boolean> {
    const { queue } = this.#options
    const result = await this.#sendWithin(batch, signal)
    if (!signal.aborted) this.#tell(result)
    switch (result.is) {
      case 'sent':
        this.#backoff.reset()
        queue.sent(batch, result.refused)
        return true
      case 'refused':
        queue.refused(batch)
        return true
      case 'unreachable':
        queue.putBack(batch)
        return false
    }
  }

  /** What arrives after the time limit arrives twice, because it is sent again. */
  async #sendWithin(batch: readonly SpanGroup[], signal: AbortSignal): Promise<SendResult> {
    const { clock, send, timeoutMs } = this.#options
    const answered = new AbortController()
    const limit = clock
      .sleep(timeoutMs, AbortSignal.any([answered.signal, signal]))
      .then(() => ({ is: 'unreachable', detail: `no answer within ${timeoutMs} ms` }) as const)
    const result = await Promise.race([send(batch.flatMap(({ spans }) => spans)), limit])
    answered.abort()
    return result
  }

  #tell(result: SendResult): void {
    const isTrouble = result.is !== 'sent'
    if (isTrouble !== this.#isTroubled) this.#options.troubled(isTrouble ? result.detail : undefined)
    this.#isTroubled = isTrouble
  }
}
