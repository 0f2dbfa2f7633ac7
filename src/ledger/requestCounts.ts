import type { RequestObservation } from './observations.ts'
import type { RequestCount } from './view.ts'

type Group = { -readonly [Field in keyof RequestCount]: RequestCount[Field] }

/** How many requests are in which state. Anyone may name any issuer: beyond a limit of names, they are counted without. */
export class RequestCounts {
  readonly #limit: number
  readonly #groups = new Map<string, Group>()

  constructor(limit: number) {
    this.#limit = limit
  }

  changed(before: RequestObservation | undefined, after: RequestObservation | undefined): void {
    if (before !== undefined) this.#add(before, -1)
    if (after !== undefined) this.#add(after, 1)
  }

  all(): Iterable<RequestCount> {
    const issuers = new Set(this.#groups.values().map((group) => group.issuer))
    if (issuers.size <= this.#limit) return this.#groups.values()
    const merged = new RequestCounts(Infinity)
    for (const group of this.#groups.values()) merged.#add({ ...group, issuer: '' }, group.count)
    return merged.all()
  }

  #add({ namespace, issuer, state, reason }: Omit<RequestCount, 'count'>, count: number): void {
    const key = [namespace, issuer, state, reason].join('\0')
    const group = this.#groups.get(key) ?? { namespace, issuer, state, reason, count: 0 }
    group.count += count
    if (group.count === 0) this.#groups.delete(key)
    else this.#groups.set(key, group)
  }
}
