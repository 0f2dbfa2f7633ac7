import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { inSlices } from '../breather.ts'
import type { Clock } from '../clock.ts'
import { onAnswered } from './answerDeadline.ts'
import { Places } from './places.ts'
import { overloaded } from './requestError.ts'
import type { UnreadAnswers } from './unreadAnswers.ts'

/** The most requests that wait for their answers. */
const maxRequests = 64

/** Makes the text of an answer. It yields wherever that may be interrupted. */
type Walk = () => Iterator<undefined, Buffer>

interface Task {
  readonly walk: Walk
  readonly text: PromiseWithResolvers<Buffer>
  /** Those who wait for the text. */
  readonly requests: Set<IncomingMessage>
}

/**
 * Walks makes the JSON answers that take a walk over much of the ledger. One walk runs at a time, in slices, so that a crowd of
 * readers takes no more from scrapes than one. Requests for the same URL that wait share the next walk.
 */
export class Walks {
  readonly #clock: Clock
  readonly #unread: UnreadAnswers
  readonly #places: Places
  /** By URL, in the order in which they came. */
  readonly #waiting = new Map<string, Task>()
  #isWalking = false

  constructor(clock: Clock, unread: UnreadAnswers) {
    this.#clock = clock
    this.#unread = unread
    this.#places = new Places(clock, maxRequests, 0)
  }

  /** Answers a request with the text of a walk that begins after the request came. Throws a `RequestError` if too many wait. */
  async answer({ raw: request, url }: FastifyRequest, reply: FastifyReply, walk: Walk): Promise<FastifyReply> {
    const leave = await this.#places.enter(request)
    if (leave === undefined) throw overloaded(reply, `${maxRequests} requests wait for their answers`, 1)
    const task = this.#waiting.get(url) ?? this.#add(url, walk)
    task.requests.add(request)
    onAnswered(request, () => this.#giveUp(request, url, task))
    if (!this.#isWalking) void this.#walk()
    const text = await task.text.promise
    leave()
    this.#unread.hold(request, text)
    return reply.type('application/json; charset=utf-8').send(text)
  }

  #add(url: string, walk: Walk): Task {
    const task: Task = { walk, text: Promise.withResolvers<Buffer>(), requests: new Set() }
    this.#waiting.set(url, task)
    return task
  }

  /** Drops a walk for which nobody waits any more. */
  #giveUp(request: IncomingMessage, url: string, task: Task): void {
    task.requests.delete(request)
    if (task.requests.size === 0 && this.#waiting.get(url) === task) this.#waiting.delete(url)
  }

  async #walk(): Promise<void> {
    this.#isWalking = true
    for (const [url, { walk, text }] of this.#waiting) {
      this.#waiting.delete(url)
      await inSlices(this.#clock, walk()).then(text.resolve, text.reject)
    }
    this.#isWalking = false
  }
}
