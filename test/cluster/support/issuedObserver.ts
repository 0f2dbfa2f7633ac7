import { issuedTruth } from './fleet.ts'
import { sleep } from './shell.ts'

/** Counts the requests that are issued after its start. They exist for 2 minutes, and none is issued during an outage. */
export class IssuedObserver {
  readonly #issuedUids = new Set<string>()
  readonly #finished = new AbortController()
  readonly #initialCount: number
  readonly #observing: Promise<void>

  private constructor(initialUids: readonly string[]) {
    initialUids.forEach((uid) => this.#issuedUids.add(uid))
    this.#initialCount = this.#issuedUids.size
    this.#observing = this.#observe()
  }

  static async start(): Promise<IssuedObserver> {
    return new IssuedObserver((await issuedTruth()).uids)
  }

  get count(): number {
    return this.#issuedUids.size - this.#initialCount
  }

  async stop(): Promise<void> {
    this.#finished.abort()
    await this.#observing
  }

  async #observe(): Promise<void> {
    while (!this.#finished.signal.aborted) {
      const { uids } = await issuedTruth().catch(() => ({ uids: [] }))
      uids.forEach((uid) => this.#issuedUids.add(uid))
      await sleep(3000)
    }
  }
}
