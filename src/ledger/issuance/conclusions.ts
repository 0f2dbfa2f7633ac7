import type { Followers } from '../changes.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { ConcludedRequest } from './view.ts'

/** So many wait to be told at most, where nothing can be committed for long; the oldest of more are not told. */
const maxWaiting = 10_000

/** Holds the requests that were counted until their count is committed, and tells them to those who follow then. */
export class Conclusions {
  readonly #followers: Followers
  readonly #waiting: ConcludedRequest[] = []
  /** How many were told or left out so far, and how many there were when a checkpoint was made. */
  #past = 0
  readonly #marks = new WeakMap<Checkpoint, number>()

  constructor(followers: Followers) {
    this.#followers = followers
  }

  add(concluded: ConcludedRequest): void {
    if (!this.#followers.has('concluded')) return
    this.#waiting.push(concluded)
    if (this.#waiting.length > maxWaiting) this.#take(1)
  }

  /** Notes which of them the checkpoint has counted. */
  mark(checkpoint: Checkpoint): void {
    this.#marks.set(checkpoint, this.#past + this.#waiting.length)
  }

  /** Tells those that the checkpoint has counted, which is committed now. */
  tellUntil(checkpoint: Checkpoint): void {
    this.#tell((this.#marks.get(checkpoint) ?? this.#past) - this.#past)
  }

  tellAll(): void {
    this.#tell(this.#waiting.length)
  }

  #tell(count: number): void {
    if (count > 0) for (const concluded of this.#take(count)) this.#followers.tell('concluded', concluded)
  }

  #take(count: number): readonly ConcludedRequest[] {
    this.#past += count
    return this.#waiting.splice(0, count)
  }
}
