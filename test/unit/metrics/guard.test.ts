import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { guardedFamilies, perIdentityFamilies } from '../../../src/metrics/catalogue.ts'
import type { SvidView } from '../../../src/ledger/workloads/view.ts'
import { samplesOf, scrapeText } from '../../support/exposition.ts'
import { issuedAtMs, svidView } from '../../support/fakeLedger.ts'

const copies = (count: number, view: Parameters<typeof svidView>[1] = {}) =>
  Array.from({ length: count }, (_, index) => svidView({ pod: `web-${index}` }, view))
const series = (text: string, family: string) => samplesOf(text, family)?.length
const dropped = (text: string, family: string) =>
  samplesOf(text, 'svidwatch_series_dropped')
    ?.find((line) => line.includes(`"${family}"`))
    ?.split(' ')[1]

describe('the cardinality guard', () => {
  it('shares the limit among the per-identity families and says what it left out', async () => {
    const drifts = copies(5).map(({ labels }) => ({ labels, cause: 'mount_stale' as const }))
    const limits = { maxSeries: perIdentityFamilies.length * 3 + 1 }
    const text = await scrapeText(
      {
        svids: copies(10),
        unreadable: copies(4).map(({ labels }) => ({ labels, reason: 'missing' as const })),
        drifts,
        refused: copies(6).map(({ labels }) => ({ labels, reason: 'unknown_authority' as const })),
      },
      { limits },
    )
    expect(perIdentityFamilies.map((family) => series(text, family))).toEqual(perIdentityFamilies.map(() => 3))
    expect(dropped(text, 'spire_svid_expiry_seconds')).toBe('7')
    expect(dropped(text, 'spiffe_svid_unreadable')).toBe('1')
    expect(dropped(text, 'spiffe_svid_drift')).toBe('2')
    expect(dropped(text, 'spiffe_svid_refused')).toBe('3')
    expect(samplesOf(text, 'spiffe_svids')).toContain(
      'spiffe_svids{trust_domain="example.org",namespace="team-a",copy="mounted",state="valid"} 10',
    )
  })

  it.each([
    ['first', (greedy: SvidView[], others: SvidView[]) => [...greedy, ...others]],
    ['last', (greedy: SvidView[], others: SvidView[]) => [...others, ...greedy]],
  ])('leaves out only those of the namespace that has the most, wherever they come: %s', async (_, order) => {
    const copiesIn = (namespace: string, count: number) =>
      Array.from({ length: count }, (__, index) => svidView({ namespace, pod: `${namespace}-${index}` }))
    const svids = order(copiesIn('greedy', 50), [...copiesIn('team-a', 3), ...copiesIn('team-b', 2)])
    const text = await scrapeText(
      {
        svids,
        unreadable: svids.map(({ labels }) => ({ labels, reason: 'missing' as const })),
        drifts: svids.map(({ labels }) => ({ labels, cause: 'mount_stale' as const })),
        refused: svids.map(({ labels }) => ({ labels, reason: 'not_ca' as const })),
      },
      { limits: { maxSeries: perIdentityFamilies.length * 10 } },
    )
    for (const family of perIdentityFamilies) {
      const namespaces = samplesOf(text, family)?.map((line) => /namespace="(.*?)"/.exec(line)?.[1])
      expect(namespaces?.toSorted(), family).toEqual([
        ...Array<string>(5).fill('greedy'),
        ...Array<string>(3).fill('team-a'),
        ...Array<string>(2).fill('team-b'),
      ])
      expect(dropped(text, family)).toBe('45')
    }
  })

  it('says of each guarded family that nothing is left out while there is room', async () => {
    const text = await scrapeText({ svids: copies(10) })
    expect(samplesOf(text, 'svidwatch_series_dropped')).toEqual(
      guardedFamilies.map((family) => `svidwatch_series_dropped{family="${family}"} 0`),
    )
  })

  it('lets no series through where the limit is smaller than one copy needs', async () => {
    const text = await scrapeText({ svids: copies(2) }, { limits: { maxSeries: 1 } })
    expect(samplesOf(text, 'spire_svid_expiry_seconds')).toEqual([])
    expect(dropped(text, 'spire_svid_expiry_seconds')).toBe('2')
  })

  it.each([
    ['first', [1000, 9000]],
    ['last', [9000, 1000]],
  ])(
    'writes one series for copies with the same labels: that of the one that expires sooner, be it the %s',
    async (_, lives) => {
      const svids = lives.map((lifeMs) => svidView({}, { notAfterMs: issuedAtMs + lifeMs }))
      const text = await scrapeText({ svids })
      expect(samplesOf(text, 'spiffe_svid_not_after_timestamp_seconds')).toEqual([
        expect.stringMatching(new RegExp(` ${(issuedAtMs + 1000) / 1000}$`)),
      ])
      expect(dropped(text, 'spiffe_svid_not_after_timestamp_seconds')).toBe('1')
      expect(samplesOf(text, 'spiffe_svids')).toContain(
        'spiffe_svids{trust_domain="example.org",namespace="team-a",copy="mounted",state="valid"} 2',
      )
    },
  )

  it('lets the first labels through, each with the life that ends first, in whatever order copies come', async () => {
    const copy = fc.record({ pod: fc.constantFrom('a', 'b', 'c', 'd', 'e'), life: fc.integer({ min: 1, max: 9 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(copy, { maxLength: 30 }), async (all) => {
        const svids = all.map(({ pod, life }) => svidView({ pod }, { notAfterMs: issuedAtMs + life * 1000 }))
        const text = await scrapeText({ svids }, { limits: { maxSeries: perIdentityFamilies.length * 3 } })
        const pods = [...new Set(all.map(({ pod }) => pod))].slice(0, 3)
        const livesOf = (name: string) => all.filter(({ pod }) => pod === name).map(({ life }) => life)
        const family = 'spiffe_svid_not_after_timestamp_seconds'
        expect(samplesOf(text, family)?.map((line) => line.replace(/^.*pod="(.)".* (.*)$/, '$1 $2'))).toEqual(
          pods.map((pod) => `${pod} ${issuedAtMs / 1000 + Math.min(...livesOf(pod))}`),
        )
        expect(dropped(text, family)).toBe(String(all.length - pods.length))
      }),
    )
  })
})
