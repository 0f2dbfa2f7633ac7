import { fairShare } from '../fairShare.ts'
import { wholeCluster, type Part } from '../sight/observations.ts'
import { maxOpen, maxRecent, type Position } from './checkpoint.ts'
import type { Requests } from './requests.ts'

/**
 * Watches holds the requests of each watch: the only one of the whole cluster, or one for each namespace. Each has its own position
 * in the history, because one namespace may be listed again while the watches of the others go on.
 */
export class Watches {
  readonly #watches: ReadonlyMap<Part, Requests>

  /** `create` makes the requests of one watch, whose position has at most `maxRecent` settled requests. */
  constructor(parts: readonly Part[], create: (maxRecent: number) => Requests) {
    this.#watches = new Map(parts.map((part) => [part, create(Math.floor(maxRecent / parts.length))]))
  }

  of(namespace: string | undefined): Requests {
    const requests = this.#watches.get(namespace ?? wholeCluster)
    if (requests === undefined)
      throw new Error(`the ledger was created without the namespace ${namespace ?? '(all namespaces)'}`)
    return requests
  }

  /** Reports whether all requests have been listed. */
  get hasListed(): boolean {
    return this.#watches.values().every((requests) => requests.hasListed)
  }

  /**
   * Continues from these positions. A namespace that was watched as part of the whole cluster continues from the position of that.
   * One that was not watched starts without a position, so nothing that has already ended in it is counted.
   */
  resume(positions: readonly Position[]): void {
    const stored = new Map(positions.map((position) => [position.namespace ?? wholeCluster, position]))
    for (const [part, requests] of this.#watches) {
      const position = stored.get(part) ?? stored.get(wholeCluster)
      if (position !== undefined) requests.resume(position)
    }
  }

  /**
   * Returns the positions of the watches that have one; undefined while any is in the middle of a listing. If there are too many open
   * requests, the oldest are left out, first where there are most.
   */
  positions(): readonly Position[] | undefined {
    const positions: Position[] = []
    for (const [part, requests] of this.#watches) {
      const position = requests.position()
      if (position === 'listing') return undefined
      if (position !== undefined) positions.push(part === wholeCluster ? position : { namespace: part, ...position })
    }
    if (positions.length === 0) return undefined
    const share = fairShare(
      positions.map(({ open }) => open.length),
      maxOpen,
    )
    return positions.map((position) => ({ ...position, open: position.open.slice(-share) }))
  }
}
