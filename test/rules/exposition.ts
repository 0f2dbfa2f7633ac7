import type { Series } from './scenario.ts'

type Labels = Series['labels']

export interface LabelledValue {
  readonly labels: Labels
  readonly value: number
}

/** How often counters are looked at, in seconds. */
const stepS = 15

/** What one svidwatch exports at a time, in seconds. */
export class Exposition {
  t = 0
  readonly #byName: ReadonlyMap<string, readonly Series[]>

  constructor(series: readonly Series[]) {
    this.#byName = Map.groupBy(series, ({ name }) => name)
  }

  /** Returns the samples of a metric. */
  samples(name: string): readonly LabelledValue[] {
    return (this.#byName.get(name) ?? []).flatMap(({ labels, at }) => {
      const value = at(this.t)
      return typeof value === 'number' ? [{ labels, value }] : []
    })
  }

  /** Returns the value of the series of a metric that has these labels; undefined if there is none. */
  value(name: string, of: Labels): number | undefined {
    const has = (labels: Labels) => Object.entries(of).every(([label, value]) => (labels[label] ?? '') === value)
    return this.samples(name).find(({ labels }) => has(labels))?.value
  }

  /** Returns since when the metric has had such a series without a gap, in seconds; undefined if it has none. */
  since(name: string, of: Labels): number | undefined {
    const { t } = this
    let since: number | undefined
    while (this.t >= 0 && this.value(name, of) !== undefined) {
      since = this.t
      this.t -= stepS
    }
    this.t = t
    return since
  }

  /** Returns by how much the series of a counter have grown in the last so many seconds. */
  growth(name: string, seconds: number): readonly LabelledValue[] {
    const beforeS = Math.max(0, this.t - seconds)
    return (this.#byName.get(name) ?? []).map(({ labels, at }) => ({
      labels,
      value: Number(at(this.t)) - Number(at(beforeS)),
    }))
  }

  /** Returns when the series of a counter have grown last, in seconds. Series that never have are left out. */
  lastGrown(name: string): readonly LabelledValue[] {
    return (this.#byName.get(name) ?? []).flatMap(({ labels, at }) => {
      let t = this.t
      while (t > 0 && at(t) === at(t - stepS)) t -= stepS
      return t > 0 ? [{ labels, value: t }] : []
    })
  }
}
