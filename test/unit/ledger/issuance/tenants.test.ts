import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fairShare } from '../../../../src/ledger/fairShare.ts'
import { parseCheckpoint, serializeCheckpoint } from '../../../../src/ledger/issuance/checkpoint.ts'
import type { RequestObservation } from '../../../../src/ledger/issuance/observations.ts'
import { Ledger } from '../../../../src/ledger/ledger.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import { ManualClock } from '../../../support/manualClock.ts'
import { change, request, requestList, svid } from '../../../support/observations.ts'
import { commit, gone, hour } from '../../../support/watchedLedger.ts'

const day = 24 * hour
const maxIssuers = 16

/** The tenant whose namespace comes first in every list, and uses as much as it can. */
const greedy = 'a-greedy'

const ownIssuers = (count = 300): RequestObservation[] =>
  Array.from({ length: count }, (_, index) =>
    request({ uid: `own-${index}`, namespace: greedy, issuer: `Issuer/${greedy}/own-${index}` }),
  )
const inventedIssuers = (): RequestObservation[] =>
  Array.from({ length: 300 }, (_, index) =>
    request({
      ...{ uid: `invented-${index}`, namespace: greedy, state: 'pending', reason: 'awaiting_approval' },
      issuer: `${index % 2 ? 'ClusterIssuer' : `Issuer/${greedy}`}/invented-${index}`,
    }),
  )
const trustDomains = (): RequestObservation[] =>
  Array.from({ length: 300 }, (_, index) => {
    const trustDomain = `domain-${index}.test`
    return request({ uid: `domain-${index}`, namespace: greedy, trustDomain, svid: svid({ trustDomain }) })
  })

/** Other tenants: some share an issuer, one has an issuer of its own as well, and one waits for a new one. */
const others: readonly RequestObservation[] = [
  ...['team-a', 'team-b', 'team-c'].map((namespace) => request({ uid: `shared-${namespace}`, namespace })),
  request({ uid: 'own', namespace: 'team-a', issuer: 'Issuer/team-a/ca' }),
  request({
    ...{ uid: 'waiting', namespace: 'team-b', state: 'approved', reason: 'issuer_not_ready' },
    issuer: 'Issuer/team-b/new',
  }),
  request({ uid: 'denied', namespace: 'team-c', state: 'denied', reason: 'denied_policy' }),
]

const isGreedys = (name: string) => name.includes(greedy) || name.includes('invented') || name.includes('domain-')

/** All that is told of the issuers of the other tenants. */
function toldOfOthers(ledger: Ledger) {
  return {
    issuers: [...ledger.issuers()].filter((one) => !isGreedys(one.issuer + one.trust_domain)).sort(byText),
    requests: [...ledger.requestCounts()].filter(({ namespace }) => namespace !== greedy).sort(byText),
    totals: (['attestationSuccess', 'attestationFailure', 'renewalDuration'] as const).flatMap((name) =>
      [...ledger.totals(name)]
        .filter(({ labels: [trustDomain = '', issuer = ''] }) => issuer !== '' && !isGreedys(trustDomain + issuer))
        .sort(byText),
    ),
  }
}

const byText = (one: unknown, other: unknown): number => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)

const created = (requests: readonly RequestObservation[]): Observation[] => requests.map((one) => change('added', one))

function ledgerOf(clock = new ManualClock(), checkpoint?: ReturnType<Ledger['checkpoint']>): Ledger {
  const ledger = new Ledger({ clock, sources: ['certificateRequests'], maxIssuers })
  const stored = checkpoint && parseCheckpoint(serializeCheckpoint(checkpoint))
  if (stored && 'problem' in stored) throw new Error(stored.problem)
  ledger.showCommittedOnly(stored?.checkpoint)
  return ledger
}

/** What is told of the others where nobody is greedy. */
function alone(): ReturnType<typeof toldOfOthers> {
  const ledger = ledgerOf()
  ;[...requestList('1'), ...created(others)].forEach(ledger.report)
  return toldOfOthers(commit(ledger))
}

const attacks: readonly [string, () => RequestObservation[]][] = [
  ['300 issuers of its own', ownIssuers],
  ['300 requests that nobody approves, which name invented issuers', inventedIssuers],
  ['SVIDs of 300 trust domains from an issuer that all share', trustDomains],
  ['all of them', () => [...inventedIssuers(), ...ownIssuers(), ...trustDomains()]],
]

describe.each(attacks)('a tenant with %s', (_, attack) => {
  /** What only that tenant asks of the shared issuer counts to it as well, and in no test here. */
  it.each<[string, () => Observation[]]>([
    ['before the others come', () => [...created(attack()), ...created(others)]],
    ['after the others came', () => [...created(others), ...created(attack())]],
    ['among the others', () => [...created(others.slice(0, 3)), ...created(attack()), ...created(others.slice(3))]],
  ])('takes nothing from the others, where it comes %s', (__, observations) => {
    const ledger = ledgerOf()
    ;[...requestList('1'), ...observations()].forEach(ledger.report)
    expect(toldOfOthers(commit(ledger))).toEqual(alone())
  })

  it.each([
    ['first', () => [...attack(), ...others]],
    ['last', () => [...others, ...attack()]],
  ])('takes nothing from the others across a restart, where it is listed %s', (__, listed) => {
    const before = ledgerOf()
    ;[...requestList('1'), ...created(attack()), ...created(others)].forEach(before.report)
    const ledger = ledgerOf(new ManualClock(), before.checkpoint())
    requestList('100', ...listed()).forEach(ledger.report)
    expect(toldOfOthers(commit(ledger))).toEqual(alone())
  })

  it('takes nothing from the others that come after a restart, where its requests are gone', () => {
    const before = ledgerOf()
    ;[...requestList('1'), ...created(attack())].forEach(before.report)
    const ledger = ledgerOf(new ManualClock(), before.checkpoint())
    ;[...requestList('100'), ...created(others.map((one) => ({ ...one, resourceVersion: '101' })))].forEach(
      ledger.report,
    )
    expect(toldOfOthers(commit(ledger))).toEqual(alone())
  })
})

it('every tenant has its fair share of the places, in whatever order issuers come', () => {
  const counts = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 8 })
  const order = fc.array(fc.nat(), { minLength: 240, maxLength: 240 })
  fc.assert(
    fc.property(counts, order, (sizes, positions) => {
      const requests = sizes.flatMap((size, tenant) =>
        Array.from({ length: size }, (_, index) => {
          const [namespace, uid] = [`team-${tenant}`, `${tenant}-${index}`]
          return {
            at: positions[tenant * 30 + index] ?? 0,
            one: request({ uid, namespace, issuer: `Issuer/${namespace}/${index}` }),
          }
        }),
      )
      const ledger = ledgerOf()
      const inOrder = requests.toSorted((one, other) => one.at - other.at).map(({ one }) => one)
      ;[...requestList('1'), ...created(inOrder)].forEach(ledger.report)
      const share = fairShare(sizes, maxIssuers)
      const totals = [...(ledger.checkpoint()?.totals ?? [])].filter(({ trustDomain }) => trustDomain !== '')
      for (const names of [[...ledger.issuers()].map(({ issuer }) => issuer), totals.map(({ issuer }) => issuer)]) {
        const placed = sizes.map(
          (_, tenant) => names.filter((name) => name.startsWith(`Issuer/team-${tenant}/`)).length,
        )
        const missing = sizes.map((size, tenant) => Math.min(size, share) - (placed[tenant] ?? 0))
        expect(Math.max(...missing)).toBeLessThanOrEqual(0)
        expect(placed.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(maxIssuers)
      }
    }),
    { numRuns: 200 },
  )
})

describe('what has no place', () => {
  const withoutPlace = (ledger: Ledger) =>
    Object.fromEntries([...ledger.withoutPlace()].map(({ kind, count }) => [kind, count]))

  it('is counted, as far as there are places, until its requests are gone', () => {
    const ledger = ledgerOf()
    ;[...requestList('1'), ...created(others)].forEach(ledger.report)
    expect(withoutPlace(ledger)).toEqual({ issuer: 0, issuer_totals: 0, request_issuer: 0 })
    const own = ownIssuers(20)
    ;[...created(own), ...created(inventedIssuers())].forEach(ledger.report)
    expect(withoutPlace(ledger)).toEqual({ issuer: 6, issuer_totals: 6, request_issuer: 307 })
    for (const { uid } of [...own, ...inventedIssuers()]) ledger.report(gone(uid))
    ledger.forgetOld()
    expect(withoutPlace(ledger)).toEqual({ issuer: 0, issuer_totals: 0, request_issuer: 0 })
  })
})

describe('an issuer that nobody has used for a day', () => {
  const used = (clock: ManualClock) => {
    const ledger = ledgerOf(clock)
    ;[...requestList('1'), ...created(others)].forEach(ledger.report)
    return ledger
  }
  const issuersIn = (ledger: Ledger) => [
    ...new Set(
      [...ledger.totals('attestationSuccess')].flatMap(({ labels: [, issuer = ''] }) => (issuer === '' ? [] : issuer)),
    ),
  ]

  it('leaves what is stored a day after its last request has gone, and no sooner', async () => {
    const clock = new ManualClock()
    const ledger = used(clock)
    await clock.advance(10 * day)
    ledger.forgetOld()
    ledger.report(gone('own'))
    await clock.advance(day - 1)
    ledger.forgetOld()
    expect(issuersIn(commit(ledger))).toEqual(['ClusterIssuer/spiffe-ca', 'Issuer/team-a/ca'])
    await clock.advance(1)
    ledger.forgetOld()
    expect(issuersIn(commit(ledger))).toEqual(['ClusterIssuer/spiffe-ca'])
  })

  it('stays after a restart until all requests were listed', async () => {
    const clock = new ManualClock()
    const checkpoint = used(clock).checkpoint()
    await clock.advance(10 * day)
    const ledger = ledgerOf(clock, checkpoint)
    ledger.forgetOld()
    const [listing, ...listed] = requestList('100', ...others.slice(0, 3))
    if (listing) ledger.report(listing)
    ledger.forgetOld()
    expect(issuersIn(commit(ledger))).toEqual(['ClusterIssuer/spiffe-ca', 'Issuer/team-a/ca'])
    listed.forEach(ledger.report)
    ledger.forgetOld()
    expect(issuersIn(commit(ledger))).toEqual(['ClusterIssuer/spiffe-ca'])
  })
})
