import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SvidView } from '../../../src/ledger/workloads/view.ts'
import { perIdentityFamilies } from '../../../src/metrics/catalogue.ts'
import { metricsOver, samplesOf, textFrom } from '../../support/exposition.ts'
import { issuedAtMs, svidView } from '../../support/fakeLedger.ts'

/** Copies of ten workloads, and of three of them a second one that cannot be told apart by its labels. */
const pool = (): readonly SvidView[] =>
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 4, 9].map((pod, index) =>
    svidView({ pod: `web-${pod}` }, { notAfterMs: issuedAtMs + 1000 * ((index * 7) % 13) }),
  )

const perIdentity = (text: string) => [
  samplesOf(text, 'spiffe_svid_not_after_timestamp_seconds'),
  samplesOf(text, 'svidwatch_series_dropped'),
]

it('makes each scrape of what is there then, whatever was there in earlier ones', async () => {
  const picks = fc.array(fc.shuffledSubarray([...pool().keys()]), { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(picks, fc.integer({ min: 0, max: 12 }), async (scrapes, perFamily) => {
      const [views, limits] = [pool(), { maxSeries: perFamily * perIdentityFamilies.length }]
      const svids: SvidView[] = []
      const metrics = metricsOver({ svids }, { limits })
      for (const picked of scrapes) {
        svids.splice(0, svids.length, ...picked.flatMap((index) => views[index] ?? []))
        const afresh = svids.map((view) => ({ ...view, labels: { ...view.labels, memo: undefined } }))
        expect(perIdentity(await textFrom(metrics))).toEqual(
          perIdentity(await textFrom(metricsOver({ svids: afresh }, { limits }))),
        )
      }
    }),
  )
})

it('shares labels with other metrics of the same ledger', async () => {
  const svids = pool()
  const [one, other] = [metricsOver({ svids }), metricsOver({ svids })]
  const first = perIdentity(await textFrom(one))
  expect(perIdentity(await textFrom(other))).toEqual(first)
  expect(perIdentity(await textFrom(one))).toEqual(first)
})
