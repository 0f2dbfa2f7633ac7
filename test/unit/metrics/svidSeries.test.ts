import { expect, it } from 'vitest'
import type { SvidLabels } from '../../../src/ledger/workloads/view.ts'
import { SeriesNames, type SeriesName } from '../../../src/metrics/seriesNames.ts'
import { SvidSeries } from '../../../src/metrics/svidSeries.ts'
import { svidView } from '../../support/fakeLedger.ts'

const namespaces = ['team-a', 'team-b', 'team-c', 'team-d']
const pods = 100
const limit = 40

/** Counts the names that it renders. */
class CountedNames extends SeriesNames {
  rendered = 0

  override nameOf(slot: number, labels: SvidLabels): SeriesName {
    const name = super.nameOf(slot, labels)
    if (name.scrape === 0) this.rendered += 1
    return name
  }
}

/** The copies of many pods, namespace by namespace, as an API server lists them. */
const copies = namespaces.flatMap((namespace) =>
  Array.from({ length: pods }, (_, pod) => svidView({ namespace, pod: `web-${namespace}-${pod}` })),
)

function scrape(series: SvidSeries): readonly string[] {
  series.begin()
  for (const [slot, copy] of copies.entries()) series.add({ ...copy, slot })
  for (const choosing = series.choose(); choosing.next().done !== true;);
  return series.labels
}

it('gives the first copies of each namespace its share, and renders the names of no others', () => {
  const names = new CountedNames()
  const series = new SvidSeries(limit, names)
  for (let round = 0; round < 3; round += 1) {
    const labels = scrape(series)
    const share = limit / namespaces.length
    expect(labels.map((text) => /pod="(.*?)"/.exec(text)?.[1])).toEqual(
      namespaces.flatMap((namespace) => Array.from({ length: share }, (_, pod) => `web-${namespace}-${pod}`)),
    )
    expect(series.dropped).toBe(copies.length - limit)
  }
  expect(names.rendered).toBe(limit)
})
