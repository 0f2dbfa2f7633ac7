/** A namespace uses something for so long after it was used last. */
export const unusedMs = 24 * 60 * 60_000

/** Stands for the namespaces that used something before a restart, if these are not known. */
export const unknownNamespace = ''

export interface DisplacingOptions {
  /** The size of what comes. */
  readonly size?: number
  /** What is used by namespaces that are not known stays. */
  readonly keepsUnknown?: boolean
  /** Reports whether what has this key may leave. It is asked again each time. */
  readonly mayLeave?: (key: string) => boolean
}

interface Used {
  readonly size: number
  /** When each namespace used it last, ms since the Unix epoch. */
  readonly namespaces: Map<string, number>
}

/**
 * Shares knows which namespaces use what has a place, so that limited places can be divided between them. Whoever comes may take the
 * place of what is used only by namespaces that use more, so that no namespace can displace what another one uses, or keep it out, in
 * whatever order they come. What several namespaces share is as safe as that of the namespace that uses least.
 */
export class Shares {
  /** By key, in the order in which they came. */
  readonly #used = new Map<string, Used>()
  /** How much each namespace uses. */
  readonly #sizes = new Map<string, number>()

  has(key: string): boolean {
    return this.#used.has(key)
  }

  /** A namespace uses what has this key, at this time or earlier. `size` counts the first time. */
  use(key: string, namespace: string, nowMs: number, size = 1): void {
    const used = this.#used.get(key) ?? { size, namespaces: new Map<string, number>() }
    this.#used.set(key, used)
    if (!used.namespaces.has(namespace)) this.#add(namespace, used.size)
    used.namespaces.set(namespace, Math.max(nowMs, used.namespaces.get(namespace) ?? 0))
    if (namespace !== unknownNamespace) this.#leave(used, unknownNamespace)
  }

  delete(key: string): void {
    const used = this.#used.get(key)
    if (used === undefined) return
    for (const namespace of used.namespaces.keys()) this.#leave(used, namespace)
    this.#used.delete(key)
  }

  /** Returns the only namespace that uses what has this key; `unknownNamespace` if several do, or nobody knows. */
  ownerOf(key: string): string {
    const namespaces = this.#used.get(key)?.namespaces
    if (namespaces?.size !== 1) return unknownNamespace
    const [owner = unknownNamespace] = namespaces.keys()
    return owner
  }

  /**
   * Yields what may leave its place to something that a namespace comes with: each time what is used by the namespaces
   * that use most, the newest first, as if all that was yielded before had left.
   */
  *displaceable(namespace: string, options: DisplacingOptions = {}): Iterable<string> {
    const { size = 1, keepsUnknown = false, mayLeave = () => true } = options
    const left = new Map<string, number>()
    const sizeOf = (user: string): number =>
      user === unknownNamespace && keepsUnknown ? 0 : (this.#sizes.get(user) ?? 0) - (left.get(user) ?? 0)
    const leaving = new Set<string>()
    for (;;) {
      const stays = (key: string) => leaving.has(key) || !mayLeave(key)
      const next = this.#largestUse(stays, sizeOf, sizeOf(namespace) + size)
      if (next === undefined) return
      yield next[0]
      leaving.add(next[0])
      for (const user of next[1].namespaces.keys()) left.set(user, (left.get(user) ?? 0) + next[1].size)
    }
  }

  /**
   * Forgets the namespaces that have used nothing of a key since a time, ms since the Unix epoch, unless they still use it. Returns
   * the keys that no namespace uses any more. These are forgotten.
   */
  forget(sinceMs: number, nowMs: number, stillUses: (key: string, namespace: string) => boolean): readonly string[] {
    const unused: string[] = []
    for (const [key, used] of this.#used) {
      for (const [namespace, lastMs] of used.namespaces) {
        if (stillUses(key, namespace)) used.namespaces.set(namespace, nowMs)
        else if (lastMs <= sinceMs) this.#leave(used, namespace)
      }
      if (used.namespaces.size > 0) continue
      this.#used.delete(key)
      unused.push(key)
    }
    return unused
  }

  /** Returns what is used only by namespaces that use more than `limit`, and the most of all; undefined if there is nothing. */
  #largestUse(
    stays: (key: string) => boolean,
    sizeOf: (namespace: string) => number,
    limit: number,
  ): readonly [string, Used] | undefined {
    let largest: readonly [string, Used] | undefined
    let most = limit
    for (const [key, used] of this.#used) {
      if (stays(key)) continue
      const least = leastOf(used.namespaces.keys(), sizeOf, most)
      if (least <= limit || least < most) continue
      largest = [key, used]
      most = least
    }
    return largest
  }

  #leave(used: Used, namespace: string): void {
    if (used.namespaces.delete(namespace)) this.#add(namespace, -used.size)
  }

  #add(namespace: string, size: number): void {
    const sum = (this.#sizes.get(namespace) ?? 0) + size
    if (sum === 0) this.#sizes.delete(namespace)
    else this.#sizes.set(namespace, sum)
  }
}

/** Returns the smallest of the sizes of the namespaces, or the first one that is below `enough`. */
function leastOf(namespaces: Iterable<string>, sizeOf: (namespace: string) => number, enough: number): number {
  let least = Infinity
  for (const namespace of namespaces) {
    least = Math.min(least, sizeOf(namespace))
    if (least < enough) break
  }
  return least
}
