import type { Family } from './families.ts'
import { timesOf, type Failure, type Span } from './group.ts'
import type { Dimension, Rows } from './rows.ts'
import { pace } from './pace.ts'

/** How many others there are of the same kind, and how many of them fail. */
export interface Others {
  readonly failing: number
  readonly well: number
}

/** The share of failures whose names are compared. */
const most = 0.8

type Times = ReadonlyMap<number, readonly number[]>

/**
 * A comparison holds the rows that are not suspected, so that failures are compared with what is like them in another respect: with the
 * SVIDs of the same issuer on other nodes, for example.
 */
export class Comparison {
  readonly #column: readonly number[]
  readonly #wellMs: Times
  readonly #failingMs: Times

  private constructor(column: readonly number[], wellMs: Times, failingMs: Times) {
    this.#column = column
    this.#wellMs = wellMs
    this.#failingMs = failingMs
  }

  /** Gathers what is not suspected. What is compared later must have the same name in `dimension`. */
  static *of(
    family: Family,
    rows: Rows,
    dimension: Dimension,
    failures: readonly Failure[],
    isSuspected: (row: number) => boolean,
  ): Generator<undefined, Comparison> {
    const column = rows.column(dimension)
    const nameOf = (row: number): number => column[row] ?? 0
    const names = new Set(failures.map(({ row }) => nameOf(row)))
    const [wellMs, failingMs] = [new Map<number, number[]>(), new Map<number, number[]>()]
    const times = timesOf(family, rows)
    const marked = rows.marked(family)
    for (let row = 0; row < rows.length; row += 1) {
      if (row % pace === 0) yield
      if (names.has(nameOf(row)) && !marked.has(row) && !isSuspected(row)) add(wellMs, nameOf(row), times[row] ?? 0)
    }
    for (const { row, atMs } of failures) if (!isSuspected(row)) add(failingMs, nameOf(row), atMs)
    return new Comparison(column, wellMs, failingMs)
  }

  /** Counts those in a span that have a name in common with most of the failures: a few of another name would bring in all of that name. */
  with(failures: readonly Failure[], { fromMs, toMs }: Span): Others {
    const names = this.#mostOf(failures)
    const counted = (times: Times): number => {
      let count = 0
      for (const name of names)
        for (const timeMs of times.get(name) ?? []) if (timeMs >= fromMs && timeMs <= toMs) count += 1
      return count
    }
    return { failing: counted(this.#failingMs), well: counted(this.#wellMs) }
  }

  /** Returns the names that most of the failures have, the most frequent first. */
  #mostOf(failures: readonly Failure[]): readonly number[] {
    const groups = Map.groupBy(failures, ({ row }) => this.#column[row] ?? 0)
    const sorted = [...groups].sort(([, one], [, other]) => other.length - one.length)
    let covered = 0
    return sorted.flatMap(([name, { length }]) => {
      if (covered >= most * failures.length) return []
      covered += length
      return [name]
    })
  }
}

function add(times: Map<number, number[]>, name: number, timeMs: number): void {
  const ofName = times.get(name)
  if (ofName === undefined) times.set(name, [timeMs])
  else ofName.push(timeMs)
}
