import { families, type Family } from './families.ts'
import { pace } from './pace.ts'
import type { Dimension, Failing, Rows } from './rows.ts'

/** A row that fails. */
export interface Failure extends Failing {
  readonly row: number
}

/** From when to when something failed, ms since the Unix epoch. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** The failures that have a name in common, and what speaks against the name as their cause. */
export interface Group extends Span {
  /** The number of the name. */
  readonly name: number
  readonly failures: readonly Failure[]
  readonly problems: number
  /** How many are well although they should fail. */
  readonly well: number
  /** How many succeeded after the last failure, and when the first of them did. */
  readonly back: number
  readonly backMs: number
}

/** Of the failures, so many may have begun before their common cause or after it, each for a reason of its own. */
export const outsideShare = 0.1

/** So many failures tell when their cause began: to sort all of 100,000 would hold the event loop for long. */
const sample = 2048

/** Returns from when to when the common cause of failures held. */
export function spanOf(family: Family, failures: readonly Failure[], earlierShare = outsideShare): Span {
  if (families[family].mode === 'all') return { fromMs: -Infinity, toMs: Infinity }
  const step = Math.ceil(failures.length / sample)
  const times = Float64Array.from(
    failures.filter((_, index) => index % step === 0),
    ({ atMs }) => atMs,
  ).sort()
  const lastMs = failures.reduce((last, { atMs }) => Math.max(last, atMs), -Infinity)
  return {
    fromMs: times[Math.floor(times.length * earlierShare)] ?? Infinity,
    toMs:
      families[family].mode === 'since'
        ? lastMs
        : (times[times.length - 1 - Math.floor(times.length * outsideShare)] ?? -Infinity),
  }
}

/** Returns the times by which the rows of a family are compared with the span of a cause. */
export const timesOf = (family: Family, rows: Rows): readonly number[] =>
  families[family].mode === 'between' ? rows.validMs : rows.gotMs

/** Groups failures by the names of a dimension, or all of them, the largest group first. What has no name there is in none. */
export function* groupsBy(
  family: Family,
  rows: Rows,
  dimension: Dimension | 'everything',
  failures: readonly Failure[],
  earlierShare = outsideShare,
): Generator<undefined, readonly Group[]> {
  const column = dimension === 'everything' ? undefined : rows.column(dimension)
  const nameOf = (row: number): number => (column === undefined ? 1 : (column[row] ?? 0))
  const gathered = new Map<number, Gathering>()
  for (const [name, ofName] of yield* failuresBy(nameOf, failures)) {
    yield
    gathered.set(name, new Gathering(name, ofName, spanOf(family, ofName, earlierShare)))
  }
  const times = timesOf(family, rows)
  const marked = rows.marked(family)
  for (let row = 0; row < rows.length; row += 1) {
    if (row % pace === 0) yield
    if (!marked.has(row)) gathered.get(nameOf(row))?.sawWell(times[row] ?? 0)
  }
  return Array.from(gathered.values(), (one) => one.group()).sort(
    (one, other) => other.failures.length - one.failures.length || one.name - other.name,
  )
}

/** What has no name is left out. */
function* failuresBy(
  nameOf: (row: number) => number,
  failures: readonly Failure[],
): Generator<undefined, ReadonlyMap<number, readonly Failure[]>> {
  const byName = new Map<number, Failure[]>()
  for (const [index, failure] of failures.entries()) {
    if (index % pace === 0) yield
    const name = nameOf(failure.row)
    const ofName = byName.get(name)
    if (ofName) ofName.push(failure)
    else if (name !== 0) byName.set(name, [failure])
  }
  return byName
}

/** What speaks for and against one name, while it is counted. */
class Gathering {
  readonly #name: number
  readonly #failures: readonly Failure[]
  readonly #span: Span
  #well = 0
  #back = 0
  #backMs = Infinity

  constructor(name: number, failures: readonly Failure[], span: Span) {
    this.#name = name
    this.#failures = failures
    this.#span = span
  }

  sawWell(timeMs: number): void {
    if (timeMs < this.#span.fromMs) return
    if (timeMs <= this.#span.toMs) this.#well += 1
    else {
      this.#back += 1
      this.#backMs = Math.min(this.#backMs, timeMs)
    }
  }

  group(): Group {
    const problems = this.#failures.reduce((sum, { isProblem }) => sum + Number(isProblem), 0)
    const seen = { well: this.#well, back: this.#back, backMs: this.#backMs }
    return { ...this.#span, ...seen, name: this.#name, failures: this.#failures, problems }
  }
}
