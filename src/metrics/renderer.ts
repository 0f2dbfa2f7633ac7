import { declarationOf, type MetricName } from './catalogue.ts'
import type { Exemplars } from './exemplars.ts'
import { closing, collectFamily, type Format, type Samples } from './exposition.ts'
import type { Family } from './families.ts'
import { labelText } from './labelText.ts'
import type { Snapshot } from './snapshot.ts'
import { piecesOf, type Block } from './textBlocks.ts'

/** Called with the error for which a family was left out of a scrape. */
export type OnCollectorError = (family: MetricName, thrown: unknown) => void

/**
 * Returns a function that collects all families at once, so that their values are of one moment, and returns their text, which is
 * rendered while it is read. `exemplars` are those of the samples, in OpenMetrics. A family whose collector throws is left out, without effect on the others. The last family counts
 * these errors, including those of this scrape.
 */
export function createRenderer(
  families: readonly Family[],
  onError: OnCollectorError,
  exemplars?: Pick<Exemplars, 'of'>,
): (format: Format, snapshot: Snapshot) => Iterable<string> {
  const errors = new Map<MetricName, number>()
  const allFamilies: readonly Family[] = [
    ...families,
    {
      name: 'svidwatch_collector_errors_total',
      collect(samples) {
        for (const [family, count] of errors) samples.add(labelText(['family'], [family]), count)
      },
    },
  ]
  for (const { name } of allFamilies) errors.set(name, 0)
  const countErrors = (name: MetricName, count: number) => errors.set(name, (errors.get(name) ?? 0) + count)

  const blocksOf = ({ name, collect }: Family, format: Format, snapshot: Snapshot): readonly Block[] => {
    try {
      const write = (samples: Samples) => collect(samples, snapshot)
      const family = collectFamily(name, declarationOf(name), format, write, exemplars?.of(name))
      countErrors(name, family.skipped)
      return family.blocks
    } catch (thrown) {
      countErrors(name, 1)
      onError(name, thrown)
      return []
    }
  }

  return (format, snapshot) =>
    piecesOf([...allFamilies.flatMap((family) => blocksOf(family, format, snapshot)), closing[format]])
}
