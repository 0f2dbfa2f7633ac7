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

  /** The next one begins anew. */
  end(): void {
    this.#areGoingOn = false
  }
}
