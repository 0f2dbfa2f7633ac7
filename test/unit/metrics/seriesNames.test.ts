import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SvidView } from '../../../src/ledger/workloads/view.ts'
import type { LedgerView } from '../../../src/ledger/view.ts'
import { Slots } from '../../../src/ledger/workloads/slots.ts'
import { perIdentityFamilies } from '../../../src/metrics/catalogue.ts'
import { SeriesNames, type SeriesName } from '../../../src/metrics/seriesNames.ts'
import { metricsOver, samplesOf, textFrom } from '../../support/exposition.ts'
import { fakeLedger, issuedAtMs, svidView } from '../../support/fakeLedger.ts'
import { collectGarbage } from '../../support/heap.ts'

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

/** A copy that stays the same one, in the same slot, while others come and go: as the ledger shows it. */
interface Copy {
  readonly slot: number
  view: SvidView
}

const anyStep = fc.record({
  comes: fc.array(fc.nat(9), { maxLength: 3 }),
  goes: fc.array(fc.nat(9), { maxLength: 3 }),
  swaps: fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 2 }),
  order: fc.nat(9),
})

it('makes each scrape of what is there then, in whatever slots copies are, and whatever labels they swap', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 8 }), fc.integer({ min: 0, max: 12 }), async (steps, perFamily) => {
      const slots = new Slots()
      const copies: Copy[] = []
      const surveying = (shown: () => readonly SvidView[]): LedgerView => ({
        ...fakeLedger(),
        *survey(see) {
          for (const copy of shown()) see?.(copy)
          return yield* fakeLedger().survey()
        },
      })
      const limits = { maxSeries: perFamily * perIdentityFamilies.length }
      const current = () => copies.map(({ slot, view }) => ({ ...view, slot }))
      const metrics = metricsOver({}, { limits, ledger: surveying(current) })
      for (const { comes, goes, swaps, order } of steps) {
        for (const index of goes) for (const { slot } of copies.splice(index, 1)) slots.free(slot)
        for (const number of comes)
          copies.push({
            slot: slots.take(),
            view: svidView({ pod: `web-${number}` }, { notAfterMs: issuedAtMs + 1000 * number }),
          })
        for (const [one, other] of swaps.map((pair) => pair.map((index) => copies[index])))
          if (one && other) [one.view, other.view] = [other.view, one.view]
        copies.push(...copies.splice(0, order))
        const afresh = current().map((view, slot) => ({ ...view, slot, labels: { ...view.labels } }))
        const [series = [], dropped] = perIdentity(await textFrom(metrics))
        expect(new Set(series).size).toBe(series.length)
        expect([series, dropped]).toEqual(
          perIdentity(await textFrom(metricsOver({}, { limits, ledger: surveying(() => afresh) }))),
        )
      }
    }),
  )
})

it('lets go of the names of what is gone, also where one copy of each generation stays', async () => {
  const [names, generation] = [new SeriesNames(), 100]
  const made = new Set<WeakRef<SeriesName>>()
  const copies = Array.from({ length: generation }, (_, slot) => ({ slot, labels: svidView().labels }))
  for (let round = 0; round < 20; round += 1) {
    names.begin()
    for (const [row, copy] of copies.entries()) {
      if (row >= round) copy.labels = svidView({ pod: `web-${row}`, namespace: `round-${round}` }).labels
      const name = names.nameOf(copy.slot, copy.labels)
      if (name.scrape === 0) made.add(new WeakRef(name))
      names.use(name, row)
    }
  }
  names.begin()
  await collectGarbage()
  expect(made.size).toBeGreaterThan(15 * generation)
  expect([...made].filter((name) => name.deref() !== undefined).length).toBeLessThanOrEqual(1.5 * generation)
  for (const { slot, labels } of copies) expect(names.nameOf(slot, labels).text).toContain(`pod="${labels.pod}"`)
})

it('shares labels with other metrics of the same ledger', async () => {
  const svids = pool()
  const [one, other] = [metricsOver({ svids }), metricsOver({ svids })]
  const first = perIdentity(await textFrom(one))
  expect(perIdentity(await textFrom(other))).toEqual(first)
  expect(perIdentity(await textFrom(one))).toEqual(first)
})
