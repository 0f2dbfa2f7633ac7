import type { Followers } from '../changes.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { ConcludedRequest } from './view.ts'

/** The most requests that wait for a commit. If nothing can be committed for long, the oldest of more are dropped. */
const maxWaiting = 10_000

/** Conclusions holds counted requests until their count is committed, and then notifies the followers. */
export class Conclusions {
  readonly #followers: Followers
  readonly #waiting: ConcludedRequest[] = []
  /** How many requests were passed on or dropped so far. */
  #taken = 0
  /** How many requests had been added when a checkpoint was made. */
  readonly #addedAt = new WeakMap<Checkpoint, number>()

  constructor(followers: Followers) {
    this.#followers = followers
  }

  add(concluded: ConcludedRequest): void {
    if (!this.#followers.has('concluded')) return
    this.#waiting.push(concluded)
    if (this.#waiting.length > maxWaiting) this.#take(1)
  }

  /** Notes which requests the checkpoint has counted. */
  mark(checkpoint: Checkpoint): void {
    this.#addedAt.set(checkpoint, this.#taken + this.#waiting.length)
  }

  /** Passes on the requests that a checkpoint has counted, once it is committed. */
  releaseUntil(checkpoint: Checkpoint): void {
    this.#release((this.#addedAt.get(checkpoint) ?? this.#taken) - this.#taken)
  }

  releaseAll(): void {
    this.#release(this.#waiting.length)
  }

  #release(count: number): void {
    if (count > 0) for (const concluded of this.#take(count)) this.#followers.notify('concluded', concluded)
  }

  #take(count: number): readonly ConcludedRequest[] {
    this.#taken += count
    return this.#waiting.splice(0, count)
  }
}
