import { declarationOf, type MetricName } from './catalogue.ts'
import { closing, renderFamily, type Format } from './exposition.ts'
import type { Family } from './families.ts'
import { labelText } from './labelText.ts'
import type { Snapshot } from './snapshot.ts'

/** Learns why a family was left out of a scrape. */
export type OnCollectorError = (family: MetricName, thrown: unknown) => void

/**
 * Makes the function that renders families one after the other. One whose collector throws is left out whole and costs no
 * other family; behind them all stands the count of such errors, this scrape's included.
 */
export function createRenderer(
  families: readonly Family[],
  onError: OnCollectorError,
): (format: Format, snapshot: Snapshot) => Buffer {
  const errors = new Map<MetricName, number>()
  const all: readonly Family[] = [
    ...families,
    {
      name: 'svidwatch_collector_errors_total',
      collect(samples) {
        for (const [family, count] of errors) samples.add(labelText(['family'], [family]), count)
      },
    },
  ]
  for (const { name } of all) errors.set(name, 0)
  const count = (name: MetricName, more: number) => errors.set(name, (errors.get(name) ?? 0) + more)

  const chunksOf = ({ name, collect }: Family, format: Format, snapshot: Snapshot): readonly Buffer[] => {
    try {
      const family = renderFamily(name, declarationOf(name), format, (samples) => collect(samples, snapshot))
      count(name, family.skipped)
      return family.chunks
    } catch (thrown) {
      count(name, 1)
      onError(name, thrown)
      return []
    }
  }

  return (format, snapshot) => {
    const chunks = all.flatMap((family) => chunksOf(family, format, snapshot))
    return Buffer.concat([...chunks, Buffer.from(closing[format])])
  }
}
