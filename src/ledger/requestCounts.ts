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

  /** A request is new or has changed; `before` is the group that it counted to. Answers which one it counts to from now on. */
  changed(request: RequestObservation, before: RequestCount | undefined): RequestCount {
    if (before !== undefined && isOf(request, before)) return before
    if (before !== undefined) this.gone(before)
    return add(this.#groups, request, 1)
  }

  /** A request of this group is gone. */
  gone(group: RequestCount): void {
    add(this.#groups, group, -1)
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

function isOf(request: RequestObservation, { namespace, issuer, state, reason }: RequestCount): boolean {
  return (
    request.state === state && request.reason === reason && request.issuer === issuer && request.namespace === namespace
  )
}

function add(groups: Map<string, Group>, of: Omit<RequestCount, 'count'>, count: number): Group {
  const { namespace, issuer, state, reason } = of
  const key = [namespace, issuer, state, reason].join('\0')
  const group = groups.get(key) ?? { namespace, issuer, state, reason, count: 0 }
  group.count += count
  if (group.count === 0) groups.delete(key)
  else groups.set(key, group)
  return group
}
