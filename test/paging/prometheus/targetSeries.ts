import { withTarget, type Column } from './samples.ts'

interface Entry {
  readonly column: Column
  /** The last scrape that had it. */
  scrape: number
}

/** The series of one target in one scene; those that a scrape no longer has are marked as ended. */
export class TargetSeries {
  readonly #columns: Map<string, Column>
  readonly #labels: string
  readonly #entries = new Map<string, Entry>()
  #scrape = 0

  constructor(columns: Map<string, Column>, labels: string) {
    this.#columns = columns
    this.#labels = labels
  }

  put(series: string, step: number, value: number): void {
    let entry = this.#entries.get(series)
    if (entry === undefined) {
      const column: Column = []
      this.#columns.set(withTarget(series, this.#labels), column)
      entry = { column, scrape: 0 }
      this.#entries.set(series, entry)
    }
    entry.column[step] = value
    entry.scrape = this.#scrape
  }

  /** A scrape begins, which goes well or fails. */
  begin(): void {
    this.#scrape += 1
  }

  /** Marks what the scrape did not have, but the last one had. */
  end(step: number): void {
    for (const entry of this.#entries.values()) if (entry.scrape === this.#scrape - 1) entry.column[step] = 'stale'
  }
}
