import { allFamilies, type Family } from './families.ts'

/** The labels that can name a cause, or be mistaken for one. */
export const dimensions = ['node', 'issuer', 'trust_domain', 'namespace'] as const
export type Dimension = (typeof dimensions)[number]

/** Something an SVID fails at. Times are ms since the Unix epoch. */
export interface Failing {
  /** When it should have succeeded: when its renewal was due, when it became valid, since when it waits. */
  readonly atMs: number
  /** Since when it is known to fail. */
  readonly sinceMs: number
  /** It is a problem already; otherwise it only bears out the problems of others. */
  readonly isProblem: boolean
}

/** What an SVID says about a family, unless it is well: that it fails, or nothing. */
export type State = Failing | 'silent'

/** Names as small numbers, so that rows are compared fast. */
class Names {
  readonly #numbers = new Map<string, number>([['', 0]])
  readonly #names: string[] = ['']

  numberOf(name: string): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    this.#numbers.set(name, this.#names.length)
    return this.#names.push(name) - 1
  }

  nameOf(number: number): string {
    return this.#names[number] ?? ''
  }
}

/**
 * Rows hold what all SVIDs say, in columns: an object for each of 100,000 SVIDs would cost as much as to judge them. An SVID is well
 * until something else is marked.
 */
export class Rows {
  /** When the workloads got the SVIDs that they have. */
  readonly gotMs: number[] = []
  /** When these SVIDs became valid. */
  readonly validMs: number[] = []
  readonly #names = { node: new Names(), issuer: new Names(), trust_domain: new Names(), namespace: new Names() }
  readonly #labels: Readonly<Record<Dimension, number[]>> = { node: [], issuer: [], trust_domain: [], namespace: [] }
  readonly #marked = new Map<Family, Map<number, State>>(allFamilies.map((family) => [family, new Map()]))

  add(labels: Readonly<Record<Dimension, string>>, gotMs: number, validMs: number): void {
    this.gotMs.push(gotMs)
    this.validMs.push(validMs)
    for (const dimension of dimensions) this.#labels[dimension].push(this.#names[dimension].numberOf(labels[dimension]))
  }

  /** Marks what the last row says. */
  mark(family: Family, state: State): void {
    this.marked(family).set(this.gotMs.length - 1, state)
  }

  get length(): number {
    return this.gotMs.length
  }

  /** Returns the states of the rows that are not well, by the number of the row. */
  marked(family: Family): Map<number, State> {
    return this.#marked.get(family) ?? new Map<number, State>()
  }

  /** Returns the numbers of the names that the rows have; 0 where the name is not known. */
  column(dimension: Dimension): readonly number[] {
    return this.#labels[dimension]
  }

  nameOf(dimension: Dimension, number: number): string {
    return this.#names[dimension].nameOf(number)
  }
}
