import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { DiagnosisCode } from '../../../src/diagnosis/codes.ts'
import type { Diagnosis } from '../../../src/diagnosis/diagnosis.ts'
import { positionFromToken, positionToken } from '../../../src/server/problemOrder.ts'
import { problemPageOf, type ProblemPage } from '../../../src/server/problemPage.ts'
import type { ProblemQuery } from '../../../src/server/problemQuery.ts'
import { diagnosis, harmless } from '../../support/fakeDiagnoses.ts'
import { runToEnd } from '../../support/ledgerReading.ts'

/** Few different values, so that diagnoses are often equal in all but their names. */
const diagnoses = fc.uniqueArray(
  fc
    .record(
      {
        code: fc.constantFrom<DiagnosisCode>('expired', 'mount_stale'),
        key: fc.constantFrom('a', 'b', 'é', '\u0000', '"'),
        severity: fc.constantFrom('critical' as const, 'warning' as const),
        muted: fc.boolean(),
        explainedBy: fc.constantFrom<DiagnosisCode | ''>('', 'issuer_down'),
        impactMs: fc.constantFrom(-1, 0, 1.5),
        sinceMs: fc.constantFrom(1, 2),
      },
      { requiredKeys: ['code', 'key', 'severity', 'muted', 'explainedBy', 'sinceMs'] },
    )
    .map((given) => harmless(given)),
  { selector: ({ code, key }) => `${code} ${key}` },
)

const onePage = (all: readonly Diagnosis[], query: ProblemQuery): ProblemPage => runToEnd(problemPageOf(all, query))

function* pagesOf(current: () => readonly Diagnosis[], limit: number): Iterable<readonly Diagnosis[]> {
  let after: ProblemQuery['after']
  do {
    const { problems, last } = onePage(current(), { limit, ...(after && { after }) })
    yield problems
    after = last && positionFromToken(positionToken(last))
  } while (after)
}

it('shows every problem once, in the same order for each size of a page and each order in which they are found', () => {
  fc.assert(
    fc.property(diagnoses, fc.integer({ min: 1, max: 5 }), (found, limit) => {
      const all = onePage(found, { limit: 1000 })
      const pages = [...pagesOf(() => found, limit)]
      expect(pages.flat()).toEqual(all.problems)
      expect([...pagesOf(() => found.toReversed(), limit)]).toEqual(pages)
      expect(new Set(all.problems)).toEqual(new Set(found))
      expect(all.total).toBe(found.length)
      for (const page of pages.slice(0, -1)) expect(page).toHaveLength(limit)
    }),
  )
})

it('shows every problem that stays, however many others begin and end', () => {
  fc.assert(
    fc.property(diagnoses, fc.integer({ min: 1, max: 3 }), (found, limit) => {
      const stays = ({ key }: Diagnosis) => key !== 'b'
      let current: readonly Diagnosis[] = found
      const seen = [...pagesOf(() => current, limit)].flatMap((page) => {
        current = found.filter(stays)
        return page
      })
      expect(seen.filter(stays)).toEqual(onePage(found.filter(stays), { limit: 1000 }).problems)
    }),
  )
})

it('may be interrupted often where there are many', () => {
  const many = Array.from({ length: 2_000 }, (_, index) => diagnosis({ key: `uid-${index}/tls` }))
  const search = problemPageOf(many, { limit: 10 })
  let interruptions = 0
  while (search.next().done !== true) interruptions += 1
  expect(interruptions).toBeGreaterThanOrEqual(Math.floor(many.length / 512))
})

it('puts a position into a URL as it is', () => {
  const token = positionToken(diagnosis({ key: 'ü?&=/\u0000' }))
  expect(encodeURIComponent(token)).toBe(token)
})
