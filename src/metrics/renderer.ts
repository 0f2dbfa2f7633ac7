import { declarationOf, type MetricName } from './catalogue.ts'
import { closing, collectFamily, type Format } from './exposition.ts'
import type { Family } from './families.ts'
import { labelText } from './labelText.ts'
import type { Snapshot } from './snapshot.ts'
import { piecesOf, type Block } from './textBlocks.ts'

/** Learns why a family was left out of a scrape. */
export type OnCollectorError = (family: MetricName, thrown: unknown) => void

/**
 * Makes the function that collects all families at once, so that they tell of one moment, and returns their text, which is
 * made as it is asked for. A family whose collector throws is left out whole and costs no other family; behind them all stands
 * the count of such errors, this scrape's included.
 */
export function createRenderer(
  families: readonly Family[],
  onError: OnCollectorError,
): (format: Format, snapshot: Snapshot) => Iterable<string> {
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

  const blocksOf = ({ name, collect }: Family, format: Format, snapshot: Snapshot): readonly Block[] => {
    try {
      const family = collectFamily(name, declarationOf(name), format, (samples) => collect(samples, snapshot))
      count(name, family.skipped)
      return family.blocks
    } catch (thrown) {
      count(name, 1)
      onError(name, thrown)
      return []
    }
  }

  return (format, snapshot) =>
    piecesOf([...all.flatMap((family) => blocksOf(family, format, snapshot)), closing[format]])
}
