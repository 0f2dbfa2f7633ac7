import { issuedTruth } from './fleet.ts'
import { sleep } from './shell.ts'

/** Sees every request that is issued from its start on: they live for 2 minutes. While the API server is gone, none is made. */
export class IssuedObserver {
  readonly #seen = new Set<string>()
  readonly #finished = new AbortController()
  readonly #history: number
  readonly #observing: Promise<void>

  private constructor(history: readonly string[]) {
    history.forEach((uid) => this.#seen.add(uid))
    this.#history = this.#seen.size
    this.#observing = this.#observe()
  }

  static async start(): Promise<IssuedObserver> {
    return new IssuedObserver((await issuedTruth()).uids)
  }

  /** How many have been issued since the start. */
  get count(): number {
    return this.#seen.size - this.#history
  }

  async stop(): Promise<void> {
    this.#finished.abort()
    await this.#observing
  }

  async #observe(): Promise<void> {
    while (!this.#finished.signal.aborted) {
      const { uids } = await issuedTruth().catch(() => ({ uids: [] }))
      uids.forEach((uid) => this.#seen.add(uid))
      await sleep(3000)
    }
  }
}
