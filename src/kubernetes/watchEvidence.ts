import type { Clock } from '../clock.ts'
import { Silence } from '../http/silence.ts'
import type { WatchEvent } from './watchEvent.ts'

/** The API server sends everything that has changed since the position of a watch at once. After this pause, all of it has come. */
const pauseMs = 250

/** Where changes never pause, those that were waiting have come after this long. */
const longestMs = 5_000

/**
 * WatchEvidence tells when an answered watch proves that everything up to now is known: once it has caught up with what changed
 * before it was opened, and then with each line. Silence proves nothing.
 */
export class WatchEvidence {
  readonly #clock: Clock
  readonly #found: () => void
  readonly #pause: Silence
  readonly #sinceMs: number
  #hasCaughtUp = false

  /** The watch has just been answered. `found` is called for each piece of evidence until `end` is called or `signal` aborts. */
  constructor(clock: Clock, signal: AbortSignal, found: () => void) {
    this.#clock = clock
    this.#found = found
    this.#sinceMs = clock.monotonicMs()
    this.#pause = new Silence(clock, pauseMs, signal)
    this.#pause.signal.addEventListener('abort', this.#onPause)
  }

  /** Must be called after each event of the watch. */
  after({ type }: WatchEvent): void {
    if (this.#hasCaughtUp) this.#found()
    else if (type === 'BOOKMARK' || this.#clock.monotonicMs() - this.#sinceMs >= longestMs) this.#caughtUp()
    else this.#pause.broken()
  }

  /** Must be called at the end of the watch: a signal with a listener is kept until it aborts. */
  end(): void {
    this.#pause.signal.removeEventListener('abort', this.#onPause)
    this.#pause.end()
  }

  readonly #onPause = (): void => {
    if (this.#pause.isTooLong) this.#caughtUp()
  }

  #caughtUp(): void {
    this.#hasCaughtUp = true
    this.end()
    this.#found()
  }
}
