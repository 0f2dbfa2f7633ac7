import type { IncomingMessage } from 'node:http'
import { onAnswered } from './answerDeadline.ts'

/** The most memory of answers that are being read. With 100,000 workloads, it holds five scrapes of different moments. */
const maxBytes = 32 * 1024 * 1024

/**
 * UnreadAnswers bounds the memory of the answers that clients have not read to their end. When they are too many, the oldest ones are
 * cut. Clients that get the same answer share its memory.
 */
export class UnreadAnswers {
  /** The requests that each answer is for, the oldest answer first. */
  readonly #requests = new Map<Buffer, Set<IncomingMessage>>()
  #bytes = 0

  /** Counts an answer, which is in memory until the client has read it. */
  hold(request: IncomingMessage, answer: Buffer): void {
    const requests = this.#requests.get(answer) ?? this.#add(answer)
    requests.add(request)
    onAnswered(request, () => {
      requests.delete(request)
      if (requests.size === 0) this.#remove(answer)
    })
    for (const [oldest, readers] of this.#requests) {
      if (this.#bytes <= maxBytes || oldest === answer) return
      this.#remove(oldest)
      for (const { socket } of readers) socket.destroy()
    }
  }

  #add(answer: Buffer): Set<IncomingMessage> {
    const requests = new Set<IncomingMessage>()
    this.#requests.set(answer, requests)
    this.#bytes += answer.length
    return requests
  }

  #remove(answer: Buffer): void {
    if (this.#requests.delete(answer)) this.#bytes -= answer.length
  }
}
