import type { FindingsHealth } from '../metrics/collectors/findings.ts'
import { tokenProblems, type TokenProblem } from '../nodeStream/tokenProblems.ts'

/** Counts the followers of the findings, and the requests that were refused. */
export class FindingsTally implements FindingsHealth {
  followers = 0
  readonly #refusals = new Map(Object.keys(tokenProblems).map((problem) => [problem as TokenProblem, 0]))

  get refusals(): ReadonlyMap<TokenProblem, number> {
    return this.#refusals
  }

  countRefusal(problem: TokenProblem): void {
    this.#refusals.set(problem, (this.#refusals.get(problem) ?? 0) + 1)
  }
}
