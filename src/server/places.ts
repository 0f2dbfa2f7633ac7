import type { IncomingMessage } from 'node:http'
import type { Clock } from '../clock.ts'
import { onAnswered } from './answerDeadline.ts'

/** Gives a place back. It may be called more than once. */
export type Leave = () => void

/** A client that has waited for so long gives up soon. */
const patienceMs = 5_000

/** Places gives a limited number of requests a place at a time. Others wait in the order in which they came, for 5 s. */
export class Places {
  readonly #maxWaiting: number
  readonly #waiting = new Set<() => void>()
  readonly #clock: Clock
  #free: number

  constructor(clock: Clock, places: number, maxWaiting: number) {
    this.#clock = clock
    this.#free = places
    this.#maxWaiting = maxWaiting
  }

  /**
   * Resolves when there is a place, with a function that gives it back. It is given back in any case once the client has read the
   * answer or is gone. Resolves with undefined if too many wait, if it takes too long, or if the client goes before there is a place.
   */
  async enter(request: IncomingMessage): Promise<Leave | undefined> {
    if (request.destroyed) return undefined
    if (this.#free > 0) this.#free -= 1
    else if (!(await this.#next(request))) return undefined
    let isInside = true
    const leave = () => {
      if (isInside) this.#giveBack()
      isInside = false
    }
    onAnswered(request, leave)
    return leave
  }

  /** Reports whether the place of another request has become this one's. */
  async #next(request: IncomingMessage): Promise<boolean> {
    if (this.#waiting.size >= this.#maxWaiting) return false
    const over = new AbortController()
    let isInside = false
    const enter = () => {
      isInside = true
      over.abort()
    }
    this.#waiting.add(enter)
    onAnswered(request, () => over.abort())
    await this.#clock.sleep(patienceMs, over.signal)
    this.#waiting.delete(enter)
    return isInside
  }

  #giveBack(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#free += 1
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
