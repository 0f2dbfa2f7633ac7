import { shortUid, maxSettled } from './checkpoint.ts'
import type { RequestObservation } from './observations.ts'

/**
 * Tells requests that were there at a checkpoint from later ones, where no history tells: creationTimestamp does, and in the
 * second of the newest one, which has both kinds, the uids of those that were settled. Those that were open are known anyway.
 */
export class NewestSecond {
  #createdMs: number
  readonly #settled: Set<string>

  constructor(createdMs = 0, settled: readonly string[] = []) {
    this.#createdMs = createdMs
    this.#settled = new Set(settled)
  }

  /** The newest creationTimestamp, ms since the Unix epoch. */
  get createdMs(): number {
    return this.#createdMs
  }

  /** Short forms (`shortUid`) of the requests of that second that are settled. */
  get settled(): readonly string[] {
    return [...this.#settled]
  }

  /** Takes in a request as it stands. */
  saw({ uid, createdMs }: RequestObservation, isSettled: boolean): void {
    if (createdMs < this.#createdMs) return
    if (createdMs > this.#createdMs) this.#settled.clear()
    this.#createdMs = createdMs
    if (isSettled && this.#settled.size < maxSettled) this.#settled.add(shortUid(uid))
  }

  /** Whether a request that was not open was created after all that was taken in. Of too many in one second nobody can tell. */
  isOlderThan({ uid, createdMs }: RequestObservation): boolean {
    if (createdMs !== this.#createdMs) return createdMs > this.#createdMs
    return this.#settled.size < maxSettled && !this.#settled.has(shortUid(uid))
  }
}
