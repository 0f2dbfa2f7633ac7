/** InTurn runs pieces of work one after the other, in the order in which they were given. */
export class InTurn {
  #last: Promise<unknown> = Promise.resolve()

  /** Runs `work` once all earlier work has ended, however it ended. Throws the reason of `signal` if it has aborted by then. */
  run<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(() => {
      signal.throwIfAborted()
      return work()
    })
    this.#last = result.catch(() => undefined)
    return result
  }
}
