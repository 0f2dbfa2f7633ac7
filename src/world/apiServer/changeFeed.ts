import type { Change } from './history.ts'

/** The next thing that a watcher is told. A bookmark says that it knows everything up to `revision`. */
export type News = { readonly change: Change } | { readonly bookmark: number }

/** What waits to be told to one watcher: filled by the store and by timers, emptied at the pace of the watcher's socket. */
export class ChangeFeed implements AsyncIterable<News> {
  readonly #revision: () => number
  #changes: Change[] = []
  #bookmarkDue = false
  #ended = false
  #wake = (): void => undefined

  /** `revision` tells the newest revision of which the changes have been pushed. */
  constructor(revision: () => number) {
    this.#revision = revision
  }

  /** How many changes wait. */
  get backlog(): number {
    return this.#changes.length
  }

  push(change: Change): void {
    this.#changes.push(change)
    this.#wake()
  }

  /** Puts a bookmark behind everything that waits. */
  bookmark(): void {
    this.#bookmarkDue = true
    this.#wake()
  }

  end(): void {
    this.#ended = true
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<News> {
    while (!this.#ended) {
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

  #takeBookmark(): News {
    this.#bookmarkDue = false
    return { bookmark: this.#revision() }
  }
}
