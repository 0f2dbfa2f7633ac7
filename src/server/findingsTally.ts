import type { FindingsHealth } from '../metrics/collectors/findings.ts'
import { maxPublicKeys } from '../nodeStream/keys.ts'
import { tokenProblems, type TokenProblem } from '../nodeStream/tokenProblems.ts'

/**
 * The most followers with tokens of one key: enough for the replicas of a cluster role, twice during a rollout, and for dead
 * connections that are not detected yet. Whoever has one key cannot take the places of another.
 */
export const maxFollowersOfKey = 4

/** The most followers of one node role. */
export const maxFollowers = maxPublicKeys * maxFollowersOfKey

/** Counts the followers of the findings, and the requests that were refused. */
export class FindingsTally implements FindingsHealth {
  /** By the id of the key that signed their tokens. */
  readonly #followers = new Map<string, number>()
  readonly #refusals = new Map(Object.keys(tokenProblems).map((problem) => [problem as TokenProblem, 0]))

  get followers(): number {
    return this.#followers.values().reduce((sum, count) => sum + count, 0)
  }

  get refusals(): ReadonlyMap<TokenProblem, number> {
    return this.#refusals
  }

  /** Counts a follower with a token of this key. Returns a function that ends this, or undefined if there are too many. */
  addFollower(keyId: string): (() => void) | undefined {
    const count = this.#followers.get(keyId) ?? 0
    if (count >= maxFollowersOfKey) return undefined
    this.#followers.set(keyId, count + 1)
    return () => this.#removeFollower(keyId)
  }

  countRefusal(problem: TokenProblem): void {
    this.#refusals.set(problem, (this.#refusals.get(problem) ?? 0) + 1)
  }

  #removeFollower(keyId: string): void {
    const left = (this.#followers.get(keyId) ?? 0) - 1
    if (left > 0) this.#followers.set(keyId, left)
    else this.#followers.delete(keyId)
  }
}
