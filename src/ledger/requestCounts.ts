import type { RequestObservation } from './observations.ts'
import type { RequestCount } from './view.ts'

type Group = { -readonly [Field in keyof RequestCount]: RequestCount[Field] }

/**
 * How many requests are in which state. Anyone who may make a request can name any issuer: where there are more names than the
 * limit, only those are told that have issued; and none where even these are more.
 */
export class RequestCounts {
  readonly #limit: number
  readonly #groups = new Map<string, Group>()

  constructor(limit: number) {
    this.#limit = limit
  }

  changed(before: RequestObservation | undefined, after: RequestObservation | undefined): void {
    if (before !== undefined) add(this.#groups, before, -1)
    if (after !== undefined) add(this.#groups, after, 1)
  }

  /** The issuers that requests name. */
  issuers(): ReadonlySet<string> {
    return issuersOf([...this.#groups.values()])
  }

  all(): Iterable<RequestCount> {
    const groups = [...this.#groups.values()]
    if (this.issuers().size <= this.#limit) return groups
    const proven = issuersOf(groups.filter(({ state }) => state === 'issued'))
    const isTold = (issuer: string) => proven.size <= this.#limit && proven.has(issuer)
    const merged = new Map<string, Group>()
    for (const group of groups) add(merged, isTold(group.issuer) ? group : { ...group, issuer: '' }, group.count)
    return merged.values()
  }
}

const issuersOf = (groups: readonly Group[]): ReadonlySet<string> => new Set(groups.map(({ issuer }) => issuer))

function add(groups: Map<string, Group>, of: Omit<RequestCount, 'count'>, count: number): void {
  const { namespace, issuer, state, reason } = of
  const key = [namespace, issuer, state, reason].join('\0')
  const group = groups.get(key) ?? { namespace, issuer, state, reason, count: 0 }
  group.count += count
  if (group.count === 0) groups.delete(key)
  else groups.set(key, group)
}
