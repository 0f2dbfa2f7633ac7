import { messageOf } from '../errors.ts'

/** Counts what goes wrong, and tells of it once for each time that it begins. */
export class Failures {
  readonly #onProblem: (message: string) => void
  #areGoingOn = false
  count = 0

  constructor(onProblem: (message: string) => void) {
    this.#onProblem = onProblem
  }

  add(message: string): void {
    this.count += 1
    if (!this.#areGoingOn) this.#onProblem(message)
    this.#areGoingOn = true
  }

  /** Something could not be written; that is no failure where the process stops and writes once more, rather than that time was up. */
  addUnwritten(place: string, error: unknown, signal: AbortSignal): void {
    const reason: unknown = signal.reason
    const isStopped = signal.aborted && !(reason instanceof DOMException && reason.name === 'TimeoutError')
    if (!isStopped) this.add(`${place} cannot be written: ${messageOf(error)}`)
  }

  /** The next one begins anew. */
  end(): void {
    this.#areGoingOn = false
  }
}
