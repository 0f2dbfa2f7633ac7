import { addTo } from '../counts.ts'
import type { RequestKind } from './view.ts'

/** The issuers that requests name, as they are at any time. */
export interface NamedIssuers {
  /** Reports whether a request names the issuer, in the namespace if one is given. */
  has(issuer: string, namespace?: string): boolean
}

type Name = Pick<RequestKind, 'issuer' | 'namespace'>

/** NamesByNamespace holds the issuers that groups of requests name, and in which namespaces. */
export class NamesByNamespace implements NamedIssuers {
  /** How many groups name each issuer in each namespace. */
  readonly #groups = new Map<string, Map<string, number>>()

  /** The number of issuers. */
  get size(): number {
    return this.#groups.size
  }

  has(issuer: string, namespace?: string): boolean {
    const namespaces = this.#groups.get(issuer)
    return namespaces !== undefined && (namespace === undefined || namespaces.has(namespace))
  }

  add({ issuer, namespace }: Name): void {
    const namespaces = this.#groups.get(issuer) ?? new Map<string, number>()
    this.#groups.set(issuer, namespaces)
    addTo(namespaces, namespace, 1)
  }

  remove({ issuer, namespace }: Name): void {
    const namespaces = this.#groups.get(issuer)
    if (namespaces === undefined) return
    addTo(namespaces, namespace, -1)
    if (namespaces.size === 0) this.#groups.delete(issuer)
  }

  /**
   * Returns the issuers that have a place: the first of each namespace, then the second of each, and so on. In each namespace, the
   * issuers that have issued come first, then those that other namespaces name too, then those that were named first.
   */
  placed(limit: number, proven: ReadonlySet<string>): ReadonlySet<string> {
    const placed = new Set<string>()
    let lists = [...this.#lists(limit, proven).values()]
    for (let rank = 0; lists.length > 0 && placed.size < limit; rank += 1) {
      for (const issuer of lists.flatMap((list) => list[rank] ?? [])) if (placed.size < limit) placed.add(issuer)
      lists = lists.filter(({ length }) => length > rank + 1)
    }
    return placed
  }

  /** Returns the first issuers of each namespace, no more than `limit`. */
  #lists(limit: number, proven: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
    const lists = new Map<string, string[]>()
    for (const rank of [0, 1, 2])
      for (const [issuer, namespaces] of this.#groups) {
        if (rank !== (proven.has(issuer) ? 0 : namespaces.size > 1 ? 1 : 2)) continue
        for (const namespace of namespaces.keys()) {
          const list = lists.get(namespace) ?? []
          lists.set(namespace, list)
          if (list.length < limit) list.push(issuer)
        }
      }
    return lists
  }
}
