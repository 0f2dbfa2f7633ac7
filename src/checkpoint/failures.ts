import { messageOf } from '../errors.ts'

/** Counts failures, and reports the first failure after each success. */
export class Failures {
  readonly #onProblem: (message: string) => void
  #hasFailed = false
  count = 0

  constructor(onProblem: (message: string) => void) {
    this.#onProblem = onProblem
  }

  add(message: string): void {
    this.count += 1
    if (!this.#hasFailed) this.#onProblem(message)
    this.#hasFailed = true
  }

  /** Adds a failed write, unless it was aborted by the shutdown, which writes once more. A timeout is a failure. */
  addFailedWrite(place: string, error: unknown, signal: AbortSignal): void {
    const reason: unknown = signal.reason
    const isStopped = signal.aborted && !(reason instanceof DOMException && reason.name === 'TimeoutError')
    if (!isStopped) this.add(`${place} cannot be written: ${messageOf(error)}`)
  }

  /** Notes a success, so that the next failure is reported. */
  end(): void {
    this.#hasFailed = false
  }
}
