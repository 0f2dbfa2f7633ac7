import type { Clock } from '../../clock.ts'
import type { Answer } from './answer.ts'
import { Connection, type Server } from './connection.ts'

/** How often the time and the size of what is under way are checked. */
const checkEveryMs = 50

/** How long a server may take to close its side, so that it is not cut off in what it still says. */
const lingerMs = 150

export interface ProberOptions {
  readonly clock: Clock
  /** How long the connection and the handshake may take together. */
  readonly timeoutMs: number
}

/** Probes servers, each with one connection of bounded time and size. */
export class Prober {
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #underWay = new Set<Connection>()
  #isChecking = false
  #none = new AbortController()

  constructor({ clock, timeoutMs }: ProberOptions) {
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  /** Connects to a server, and resolves with what it presented once the connection is closed. Never rejects. */
  async probe(server: Server): Promise<Answer> {
    const nowMs = this.#clock.monotonicMs()
    const connection = new Connection(server, nowMs + this.#timeoutMs, () => this.#clock.monotonicMs() + lingerMs)
    this.#underWay.add(connection)
    if (!this.#isChecking) void this.#check()
    const answer = await connection.answer
    this.#underWay.delete(connection)
    if (this.#underWay.size === 0) this.#none.abort()
    return answer
  }

  /** Ends all connections. */
  close(): void {
    for (const connection of this.#underWay) connection.destroy()
  }

  async #check(): Promise<void> {
    this.#isChecking = true
    while (this.#underWay.size > 0) {
      if (this.#none.signal.aborted) this.#none = new AbortController()
      await this.#clock.sleep(checkEveryMs, this.#none.signal)
      const nowMs = this.#clock.monotonicMs()
      for (const connection of this.#underWay) {
        if (nowMs >= connection.dueMs) connection.expire(this.#timeoutMs)
        else connection.checkSize()
      }
    }
    this.#isChecking = false
  }
}
