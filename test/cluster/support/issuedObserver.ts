import { issuedTruth } from './fleet.ts'
import { sleep, until } from './shell.ts'

/** Longer than it takes, also on a busy machine, until both have seen what is issued. */
const quietMs = 10_000

/** Counts the requests that are issued after its start. They exist for 2 minutes, and none is issued during an outage. */
export class IssuedObserver {
  readonly #issuedUids = new Set<string>()
  readonly #finished = new AbortController()
  #initialCount: number
  readonly #observing: Promise<void>

  private constructor(initialUids: readonly string[]) {
    initialUids.forEach((uid) => this.#issuedUids.add(uid))
    this.#initialCount = this.#issuedUids.size
    this.#observing = this.#observe()
  }

  static async start(): Promise<IssuedObserver> {
    return new IssuedObserver((await issuedTruth()).uids)
  }

  /**
   * Counts from now on as `counted` does, which returns what svidwatch has counted. What is issued while svidwatch starts is history for it,
   * or not. Waits until nothing is issued for a while.
   */
  async countAs(counted: () => Promise<number>): Promise<void> {
    await until('a time without renewals', 120, async () => {
      const before = [this.#issuedUids.size, await counted()]
      await sleep(quietMs)
      const [size, count] = [this.#issuedUids.size, await counted()]
      if (String(before) !== String([size, count])) return undefined
      this.#initialCount = size - count
      return true
    })
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
