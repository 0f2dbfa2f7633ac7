import type { Change } from './history.ts'

/** The next event for a watcher: a change, or a bookmark with the revision up to which the watcher knows everything. */
export type FeedEvent = { readonly change: Change } | { readonly bookmark: number }

/** The queue of events for one watcher. The store and timers fill it; it is emptied at the pace of the watcher's socket. */
export class ChangeFeed implements AsyncIterable<FeedEvent> {
  readonly #revision: () => number
  #changes: Change[] = []
  #bookmarkDue = false
  #ended = false
  #wake = (): void => undefined

  /** `revision` returns the newest revision whose changes have been pushed. */
  constructor(revision: () => number) {
    this.#revision = revision
  }

  /** The number of waiting changes. */
  get backlog(): number {
    return this.#changes.length
  }

  push(change: Change): void {
    this.#changes.push(change)
    this.#wake()
  }

  /** Queues a bookmark after all waiting changes. */
  bookmark(): void {
    this.#bookmarkDue = true
    this.#wake()
  }

  /** Ends the feed after all waiting changes. */
  end(): void {
    this.#ended = true
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FeedEvent> {
    while (!this.#ended || this.#changes.length > 0) {
      if (this.#changes.length > 0) yield* this.#take().map((change) => ({ change }))
      else if (this.#bookmarkDue) yield this.#takeBookmark()
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  #take(): Change[] {
    const changes = this.#changes
    this.#changes = []
    return changes
  }

  #takeBookmark(): FeedEvent {
    this.#bookmarkDue = false
    return { bookmark: this.#revision() }
  }
}
