import type { Declaration } from './catalogue/declaration.ts'
import type { Exemplar, ExemplarOf } from './exemplars.ts'
import { labelText } from './labelText.ts'
import { secondsText } from './secondsText.ts'
import type { Block } from './textBlocks.ts'

/** Prometheus' text format 0.0.4, or OpenMetrics 1.0. */
export type Format = 'text' | 'openmetrics'

/**
 * Receives the samples of one family from its collector. Labels are rendered by `labelText` for `add` and `addHistogram`, and by
 * `closedLabelText` for `addEach` and `addSeconds`. A value that is not a finite number is left out and counted as skipped.
 */
export interface Samples {
  /** Adds one sample. A bigint is written exactly. */
  add(labels: string, value: number | bigint): void
  /** Adds the same value for each of the labels. The array must not change until the text has been read. */
  addEach(labels: readonly string[], value: number): void
  /** Adds `timesMs[i] - sinceMs`, in seconds, for `labels[i]`. The arrays must not change until the text has been read. */
  addSeconds(labels: readonly string[], timesMs: readonly number[], sinceMs?: number): void
  /** Adds a histogram. `counts[i]` is the number of observations in bucket i alone, not in smaller ones; the last is +Inf. */
  addHistogram(labels: string, bounds: readonly number[], counts: readonly number[], sum: number): void
}

/** One collected family, whose text can be rendered at any later time without an error. */
export interface FamilyBlocks {
  readonly blocks: readonly Block[]
  /** The number of values that were left out because they were not finite. */
  readonly skipped: number
}

/** The text after the last family. */
export const closing: Readonly<Record<Format, string>> = { text: '', openmetrics: '# EOF\n' }

/** Collects one family. Throws what `collect` throws. Only OpenMetrics has exemplars, and only counters and histograms have them. */
export function collectFamily(
  name: string,
  declaration: Declaration,
  format: Format,
  collect: (samples: Samples) => void,
  exemplarOf?: ExemplarOf,
): FamilyBlocks {
  const canHaveExemplars = format === 'openmetrics' && declaration.type !== 'gauge'
  const text = header(name, declaration, format)
  const writer = new SampleWriter(name, format, text, canHaveExemplars ? exemplarOf : undefined)
  collect(writer)
  return { blocks: writer.finish(), skipped: writer.skipped }
}

/** Returns the header of a family. OpenMetrics omits `_total` from a counter's family and escapes quotes in HELP (1.0, ABNF). */
function header(name: string, declaration: Declaration, format: Format): string {
  const { help, type, unit } = declaration
  const openMetrics = format === 'openmetrics'
  const family = openMetrics && type === 'counter' ? name.replace(/_total$/, '') : name
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  const lines = [
    `# HELP ${family} ${openMetrics ? escaped.replaceAll('"', '\\"') : escaped}`,
    `# TYPE ${family} ${type}`,
    ...(openMetrics && unit !== undefined ? [`# UNIT ${family} ${unit}`] : []),
  ]
  return `${lines.join('\n')}\n`
}

class SampleWriter implements Samples {
  readonly #name: string
  readonly #format: Format
  readonly #exemplarOf: ExemplarOf | undefined
  readonly #blocks: Block[] = []
  #text: string
  skipped = 0

  constructor(name: string, format: Format, text: string, exemplarOf: ExemplarOf | undefined) {
    this.#name = name
    this.#format = format
    this.#text = text
    this.#exemplarOf = exemplarOf
  }

  add(labels: string, value: number | bigint): void {
    if (typeof value === 'bigint' || Number.isFinite(value))
      this.#write(this.#name, labels, value, this.#exemplarOf?.(labels))
    else this.skipped += 1
  }

  addEach(labels: readonly string[], value: number): void {
    const end = `${value}\n`
    this.#addRows(labels, () => end)
  }

  addSeconds(labels: readonly string[], timesMs: readonly number[], sinceMs = 0): void {
    for (let row = 0; row < labels.length; row += 1) if (!Number.isFinite(timesMs[row])) this.skipped += 1
    this.#addRows(labels, (row) => {
      const timeMs = timesMs[row] ?? NaN
      return Number.isFinite(timeMs) ? `${secondsText(timeMs - sinceMs)}\n` : ''
    })
  }

  addHistogram(labels: string, bounds: readonly number[], counts: readonly number[], sum: number): void {
    if (![...counts, sum].every(Number.isFinite)) {
      this.skipped += 1
      return
    }
    let cumulated = 0
    for (const [index, count] of counts.entries()) {
      cumulated += count
      const le = labelText(['le'], [this.#bound(bounds[index])])
      const exemplar = this.#exemplarOf?.(labels, index)
      this.#write(`${this.#name}_bucket`, labels === '' ? le : `${labels},${le}`, cumulated, exemplar)
    }
    this.#write(`${this.#name}_sum`, labels, sum)
    this.#write(`${this.#name}_count`, labels, cumulated)
  }

  finish(): readonly Block[] {
    this.#blocks.push(this.#text)
    return this.#blocks
  }

  /** OpenMetrics requires canonical floats here, such as `1.0` (1.0, "Considerations: Canonical Numbers"). */
  #bound(bound: number | undefined): string {
    if (bound === undefined) return '+Inf'
    return this.#format === 'openmetrics' && Number.isInteger(bound) ? `${bound}.0` : String(bound)
  }

  #write(name: string, labels: string, value: number | bigint, exemplar?: Exemplar): void {
    const end = exemplar === undefined ? '\n' : exemplarText(exemplar)
    this.#text += labels === '' ? `${name} ${value}${end}` : `${name}{${labels}} ${value}${end}`
  }

  #addRows(labels: readonly string[], ending: (row: number) => string): void {
    this.#blocks.push(this.#text, { name: this.#name, labels, ending })
    this.#text = ''
  }
}

/** Renders an exemplar with its timestamp (OpenMetrics 1.0, ABNF). Its labels have 63 of the 128 characters that are allowed. */
function exemplarText({ traceId, spanId, value, timeMs }: Exemplar): string {
  return ` # {trace_id="${traceId}",span_id="${spanId}"} ${value} ${secondsText(timeMs)}\n`
}
