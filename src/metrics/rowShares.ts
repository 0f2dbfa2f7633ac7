/**
 * RowShares divides the rows of a table that is full between namespaces. A namespace may take a row from those that have the most, if
 * they have at least two more, so that in the end none is without a row for the sake of another one that has more.
 */
export class RowShares {
  /** The rows of each namespace, the last one on top. */
  readonly #rows = new Map<string, number[]>()
  /** The namespaces by the number of their rows. */
  readonly #bySize = new Map<number, Set<string>>()
  /** The most rows of a namespace. */
  #most = 0

  /** `namespaces` are those that have the rows, by row. */
  constructor(namespaces: Iterable<string>) {
    let row = 0
    for (const namespace of namespaces) this.#rowsOf(namespace).push(row++)
    for (const [namespace, rows] of this.#rows) {
      this.#sized(rows.length).add(namespace)
      this.#most = Math.max(this.#most, rows.length)
    }
  }

  /** Gives a namespace a row of one that has more, and returns that row; undefined if there is none. */
  take(namespace: string): number | undefined {
    const rows = this.#rowsOf(namespace)
    if (rows.length + 1 >= this.#most) return undefined
    const [largest = ''] = this.#sized(this.#most)
    const row = this.#rowsOf(largest).pop()
    if (row === undefined) return undefined
    this.#move(largest, this.#most, this.#most - 1)
    this.#move(namespace, rows.length, rows.length + 1)
    rows.push(row)
    if (this.#sized(this.#most).size === 0) this.#most -= 1
    return row
  }

  #move(namespace: string, before: number, after: number): void {
    this.#sized(before).delete(namespace)
    this.#sized(after).add(namespace)
  }

  #rowsOf(namespace: string): number[] {
    const rows = this.#rows.get(namespace) ?? []
    this.#rows.set(namespace, rows)
    return rows
  }

  #sized(size: number): Set<string> {
    const namespaces = this.#bySize.get(size) ?? new Set()
    this.#bySize.set(size, namespaces)
    return namespaces
  }
}
