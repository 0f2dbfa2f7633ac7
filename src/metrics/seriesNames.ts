import type { SvidLabels } from '../ledger/workloads/view.ts'
import { svidLabelNames } from './catalogue/svids.ts'
import { closedLabelText } from './labelText.ts'

/** The labels of one series, as `closedLabelText` makes them. Among the names of one `SeriesNames`, equal labels are one object. */
export class SeriesName {
  readonly text: string
  readonly #home: ReadonlyMap<string, SeriesName>
  /** Where a scrape has the series; left over from an earlier scrape unless this one has the text there. */
  row = 0

  constructor(text: string, home: ReadonlyMap<string, SeriesName>) {
    this.text = text
    this.#home = home
  }

  isOf(home: ReadonlyMap<string, SeriesName>): boolean {
    return this.#home === home
  }
}

/** How many of the names that are kept may be unused, as a share of those that are used. */
const maxUnused = 0.25

/**
 * The names of the series that stand for copies of SVIDs. A name is made once, and kept at the labels that it was made of: with
 * a look-up for each, by labels and by text, the collectors of a scrape took half as long again.
 */
export class SeriesNames {
  #names = new Map<string, SeriesName>()
  /** Of all the names. */
  #pods = new Set<string>()
  #used = 0

  /** To be called before each walk through the copies. Names that have been used by nobody since the last time do not stay for ever. */
  begin(): void {
    if (this.#names.size > this.#used * (1 + maxUnused)) {
      this.#names = new Map()
      this.#pods = new Set()
    }
    this.#used = 0
  }

  /** Whether there can be such a name already: without making and keeping one to see. */
  mayHave({ pod }: SvidLabels): boolean {
    return this.#pods.has(pod)
  }

  of(labels: SvidLabels): SeriesName {
    this.#used += 1
    const { memo } = labels
    if (memo instanceof SeriesName && memo.isOf(this.#names)) return memo
    const text = memo instanceof SeriesName ? memo.text : textOf(labels)
    const name = this.#names.get(text) ?? new SeriesName(text, this.#names)
    this.#names.set(text, name)
    this.#pods.add(labels.pod)
    labels.memo = name
    return name
  }
}

function textOf(labels: SvidLabels): string {
  const values = svidLabelNames.map((name) => labels[name])
  return closedLabelText(svidLabelNames, values)
}
