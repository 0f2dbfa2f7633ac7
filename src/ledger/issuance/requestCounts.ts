import { NamesByNamespace, type NamedIssuers } from './namedIssuers.ts'
import { isWaiting, type RequestObservation } from './observations.ts'
import type { RequestCount, RequestKind } from './view.ts'

interface Group extends RequestKind {
  count: number
  /** Since when each request waits, by uid. Only for requests that wait, which are few while all is well. */
  readonly waitingMs: Map<string, number> | undefined
  /** Since when the first of them waits; undefined: it has to be looked up. */
  oldestMs: number | undefined
}

/**
 * RequestCounts counts the requests in each state. Anyone who may create a request can name any issuer. If there are more names
 * than the limit, it is divided between the namespaces of the requests, and issuers that have issued are named first.
 */
export class RequestCounts {
  readonly #limit: number
  readonly #provenIssuers: () => ReadonlySet<string>
  readonly #groups = new Map<string, Group>()
  readonly #names = new NamesByNamespace()

  /** `provenIssuers` returns the issuers that have issued: no more than the limit. */
  constructor(limit: number, provenIssuers: () => ReadonlySet<string>) {
    this.#limit = limit
    this.#provenIssuers = provenIssuers
  }

  /**
   * Takes a new or changed request. `before` is the group that it counted to, and `askedMs` since when there has been no answer to it
   * and to those that it has replaced. Returns the group that it counts to now.
   */
  changed(request: RequestObservation, before: RequestKind | undefined, askedMs = request.createdMs): RequestKind {
    if (before !== undefined && isOf(request, before)) return before
    if (before !== undefined) this.gone(request.uid, before)
    const group = this.#groups.get(keyOf(request)) ?? this.#newGroup(request)
    group.count += 1
    group.waitingMs?.set(request.uid, askedMs)
    if (askedMs < (group.oldestMs ?? -Infinity)) group.oldestMs = askedMs
    return group
  }

  gone(uid: string, kind: RequestKind): void {
    const group = this.#groups.get(keyOf(kind))
    if (group === undefined) return
    group.count -= 1
    if (group.waitingMs?.get(uid) === group.oldestMs) group.oldestMs = undefined
    group.waitingMs?.delete(uid)
    if (group.count > 0) return
    this.#groups.delete(keyOf(kind))
    this.#names.remove(kind)
  }

  /** The issuers that requests name, as the requests change. */
  issuers(): NamedIssuers {
    return this.#names
  }

  /** Returns how many issuers are not named. */
  withoutPlace(): number {
    return this.#names.size - (this.#placed()?.size ?? this.#names.size)
  }

  all(): Iterable<RequestCount> {
    const counts = [...this.#groups.values()].map(countOf)
    const placed = this.#placed()
    if (placed === undefined) return counts
    const merged = new Map<string, RequestCount>()
    for (const count of counts) {
      const bounded = placed.has(count.issuer) ? count : { ...count, issuer: '' }
      merged.set(keyOf(bounded), merge(bounded, merged.get(keyOf(bounded))))
    }
    return merged.values()
  }

  #newGroup(request: RequestObservation): Group {
    const group = emptyGroup(request)
    this.#groups.set(keyOf(request), group)
    this.#names.add(request)
    return group
  }

  /** Returns the issuers that are named; undefined if all are. */
  #placed(): ReadonlySet<string> | undefined {
    return this.#names.size <= this.#limit ? undefined : this.#names.placed(this.#limit, this.#provenIssuers())
  }
}

const keyOf = ({ namespace, issuer, state, reason }: RequestKind): string =>
  [namespace, issuer, state, reason].join('\0')

function isOf(request: RequestObservation, { namespace, issuer, state, reason }: RequestKind): boolean {
  return (
    request.state === state && request.reason === reason && request.issuer === issuer && request.namespace === namespace
  )
}

function emptyGroup({ namespace, issuer, state, reason }: RequestKind): Group {
  const waitingMs = isWaiting(state) ? new Map<string, number>() : undefined
  return { namespace, issuer, state, reason, count: 0, waitingMs, oldestMs: undefined }
}

/** Looks up which one waits the longest only after the previous one has gone. */
function countOf(group: Group): RequestCount {
  const { namespace, issuer, state, reason, count, waitingMs } = group
  const total = { namespace, issuer, state, reason, count }
  if (waitingMs === undefined) return total
  group.oldestMs ??= oldestOf(waitingMs.values())
  return { ...total, oldestMs: group.oldestMs }
}

function oldestOf(timesMs: Iterable<number>): number {
  let oldestMs = Infinity
  for (const ms of timesMs) if (ms < oldestMs) oldestMs = ms
  return oldestMs
}

function merge(one: RequestCount, other: RequestCount | undefined): RequestCount {
  if (other === undefined) return one
  const count = one.count + other.count
  if (one.oldestMs === undefined || other.oldestMs === undefined) return { ...one, count }
  return { ...one, count, oldestMs: Math.min(one.oldestMs, other.oldestMs) }
}
