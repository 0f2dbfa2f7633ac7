import { describe, expect, it } from 'vitest'
import type { RequestObservation } from '../../../../src/ledger/issuance/observations.ts'
import { change, epochMs, request, requestList } from '../../../support/observations.ts'
import { hour, minute, watch, watchWithin } from '../../../support/watchedLedger.ts'

let requests = 0

/** A request that ends, with a uid and a resourceVersion of its own. */
const ending = (overrides: Partial<RequestObservation> = {}) => {
  requests += 1
  return change('added', request({ uid: `r${requests}`, resourceVersion: String(100 + requests), ...overrides }))
}

const spiffeId = 'spiffe://example.org/ns/team-a/sa/web'
const issuer = 'ClusterIssuer/spiffe-ca'

describe('an identity mismatch', () => {
  it('is told with the last request of its issuer and the time at which that was counted', async () => {
    const { ledger, clock } = watch(...requestList('9'))
    ledger.report(ending())
    expect([...ledger.identityMismatches()]).toEqual([])
    ledger.report(ending({ annotationLies: true, name: 'first' }))
    await clock.advance(minute)
    ledger.report(
      ending({ annotationLies: true, namespace: 'team-b', name: 'second', state: 'denied', reason: 'denied_other' }),
    )
    ledger.report(ending())
    const last = { lastMs: epochMs + minute, namespace: 'team-b', request: 'second', spiffeId }
    expect([...ledger.identityMismatches()]).toEqual([{ trust_domain: 'example.org', issuer, ...last }])
  })

  it('of an issuer that has issued nothing is told without its name', () => {
    const denied = { state: 'denied', reason: 'denied_other', annotationLies: true } as const
    const { ledger } = watch(
      ...requestList('9'),
      ending({ ...denied, issuer: 'Issuer/a/made-up', trustDomain: 'made.up' }),
    )
    expect([...ledger.identityMismatches()]).toMatchObject([{ trust_domain: '', issuer: '', namespace: 'team-a' }])
  })

  it('is forgotten with its issuer, which makes room for another', async () => {
    const { ledger, clock } = watchWithin(1, ...requestList('9'), ending({ annotationLies: true }))
    await clock.advance(24 * hour)
    ledger.report(ending({ issuer: 'ClusterIssuer/new' }))
    expect([...ledger.identityMismatches()]).toEqual([])
  })
})

describe('the recent renewals', () => {
  it('are told for each issuer and trust domain, with the 99th percentile of their durations', () => {
    const slow = { concludedMs: epochMs + 20_000 }
    const { ledger } = watch(
      ...requestList('9'),
      ending(),
      ending(slow),
      ending({ ...slow, issuer: 'ClusterIssuer/slow' }),
    )
    const other = 'ClusterIssuer/other'
    ledger.report(ending({ state: 'failed', reason: 'failed_signing', issuer: other }))
    const first = { trust_domain: 'example.org', issuer, count: 2, p99Ms: 10_000 + 0.98 * 20_000 }
    const second = {
      trust_domain: 'example.org',
      issuer: 'ClusterIssuer/slow',
      count: 1,
      p99Ms: 10_000 + 0.99 * 20_000,
    }
    expect([...ledger.recentRenewals()].sort((a, b) => (a.issuer > b.issuer ? -1 : 1))).toEqual(
      [first, second].map((one) => ({ ...one, p99Ms: expect.closeTo(one.p99Ms, 6) as number })),
    )
  })

  it('are forgotten after 15 minutes, however the clock of the machine is set', async () => {
    const { ledger, clock } = watch(...requestList('9'), ending())
    await clock.advance(14 * minute)
    clock.setBack(24 * hour)
    ledger.report(ending())
    expect([...ledger.recentRenewals()]).toMatchObject([{ count: 2 }])
    await clock.advance(minute)
    expect([...ledger.recentRenewals()]).toMatchObject([{ count: 1 }])
    await clock.advance(15 * minute)
    expect([...ledger.recentRenewals()]).toEqual([])
  })

  it('are not those that ended before svidwatch began', () => {
    expect([...watch(...requestList('9', request())).ledger.recentRenewals()]).toEqual([])
  })
})
