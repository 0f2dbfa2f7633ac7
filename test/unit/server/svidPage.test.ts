import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SvidView } from '../../../src/ledger/workloads/view.ts'
import { tokenOf } from '../../../src/server/pageToken.ts'
import { keyFromToken, keyOf, type ListedView, type SvidKey } from '../../../src/server/svidOrder.ts'
import { pageOf, type SvidPage, type SvidQuery } from '../../../src/server/svidPage.ts'
import { svidView, workloadsOf } from '../../support/fakeLedger.ts'
import { runToEnd } from '../../support/ledgerReading.ts'

/** Few different names, so that copies are often equal in some of them. */
const views = fc.uniqueArray(
  fc.record({
    namespace: fc.constantFrom('', 'a', 'ab', 'é'),
    pod: fc.constantFrom('', 'b', '\u0000', '"'),
    copy: fc.constantFrom('issued' as const, 'mounted' as const),
    spiffe_id: fc.constantFrom('spiffe://a/b', 'spiffe://b/a'),
  }),
  { selector: (labels) => JSON.stringify(labels) },
)

const onePage = (svids: readonly SvidView[], query: SvidQuery): SvidPage => runToEnd(pageOf(workloadsOf(svids), query))

function* pagesOf(svids: () => readonly SvidView[], limit: number): Iterable<readonly ListedView[]> {
  let afterKey: SvidKey | undefined
  do {
    const page = onePage(svids(), { limit, ...(afterKey && { afterKey }) })
    yield page.views
    afterKey = page.next && keyFromToken(tokenOf(page.next))
  } while (afterKey)
}

it('shows every copy once, in the same order for each size of a page', () => {
  fc.assert(
    fc.property(views, fc.integer({ min: 1, max: 5 }), (labels, limit) => {
      const svids = labels.map((given) => svidView(given))
      const all = onePage(svids, { limit: 1000 })
      const pages = [...pagesOf(() => svids, limit)]
      expect(pages.flat()).toEqual(all.views)
      expect(new Set(all.views)).toEqual(new Set(svids))
      expect(all.total).toBe(svids.length)
      for (const page of pages.slice(0, -1)) expect(page).toHaveLength(limit)
    }),
  )
})

it('shows every copy that stays, however many others go', () => {
  fc.assert(
    fc.property(views, fc.integer({ min: 1, max: 3 }), (labels, limit) => {
      const svids = labels.map((given) => svidView(given))
      const stays = (view: ListedView) => view.labels.pod !== 'b'
      let current: readonly SvidView[] = svids
      const seen = [...pagesOf(() => current, limit)].flatMap((page) => {
        current = svids.filter(stays)
        return page
      })
      expect(new Set(seen.filter(stays))).toEqual(new Set(svids.filter(stays)))
    }),
  )
})

it('tells copies with equal labels apart by their certificates', () => {
  const svids = ['1', '3', '2'].map((fingerprint) => {
    const view = svidView()
    return { ...view, svid: { ...view.svid, fingerprint } }
  })
  const shown = [...pagesOf(() => svids, 1)].flat()
  expect(shown.map((view) => 'svid' in view && view.svid.fingerprint)).toEqual(['1', '2', '3'])
})

it('puts a key into a URL as it is', () => {
  const token = tokenOf(keyOf(svidView({ pod: 'ü?&=/\u0000' })))
  expect(encodeURIComponent(token)).toBe(token)
})
