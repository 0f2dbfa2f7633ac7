import { durationBuckets, totalsShape, type Total, type TotalName } from './view.ts'

interface Histogram {
  readonly labels: readonly string[]
  readonly counts: number[]
  sum: number
}
interface Counter {
  readonly labels: readonly string[]
  value: number
}

/** All totals as plain JSON, by name. */
export type TotalsSnapshot = { readonly [Name in TotalName]: readonly Total[] }

const names = Object.keys(totalsShape) as TotalName[]

/** The cumulative counters and histograms. They only ever grow. */
export class Totals {
  readonly #counters = new Map<string, Counter>()
  readonly #histograms = new Map<string, Histogram>()

  /** Makes a label combination appear at zero. */
  declare(name: TotalName, labels: readonly string[]): void {
    if (totalsShape[name].type === 'counter') this.#counter(name, labels)
    else this.#histogram(name, labels)
  }

  increment(name: TotalName, labels: readonly string[]): void {
    this.#counter(name, labels).value += 1
  }

  observe(name: TotalName, labels: readonly string[], seconds: number): void {
    const histogram = this.#histogram(name, labels)
    const bucket = durationBuckets.findIndex((bound) => seconds <= bound)
    const index = bucket === -1 ? durationBuckets.length : bucket
    histogram.counts[index] = (histogram.counts[index] ?? 0) + 1
    histogram.sum += seconds
  }

  /** All label combinations of one total, as a copy that later changes leave alone. */
  all(name: TotalName): Total[] {
    const own = ([key]: [string, unknown]) => key.startsWith(`${name}\0`)
    return totalsShape[name].type === 'counter'
      ? [...this.#counters].filter(own).map(([, counter]) => ({ ...counter }))
      : [...this.#histograms].filter(own).map(([, histogram]) => ({ ...histogram, counts: [...histogram.counts] }))
  }

  snapshot(): TotalsSnapshot {
    return Object.fromEntries(names.map((name) => [name, this.all(name)])) as unknown as TotalsSnapshot
  }

  /** Goes on from a snapshot; replaces what was there. */
  restore(snapshot: TotalsSnapshot): void {
    this.#counters.clear()
    this.#histograms.clear()
    for (const name of names)
      for (const total of snapshot[name])
        if ('value' in total) this.#counters.set(keyOf(name, total.labels), { ...total })
        else this.#histograms.set(keyOf(name, total.labels), { ...total, counts: [...total.counts] })
  }

  #counter(name: TotalName, labels: readonly string[]): Counter {
    return emplace(this.#counters, keyOf(name, labels), () => ({ labels, value: 0 }))
  }

  #histogram(name: TotalName, labels: readonly string[]): Histogram {
    return emplace(this.#histograms, keyOf(name, labels), () => ({
      labels,
      counts: new Array<number>(durationBuckets.length + 1).fill(0),
      sum: 0,
    }))
  }
}

const keyOf = (name: TotalName, labels: readonly string[]): string => [name, ...labels].join('\0')

function emplace<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
