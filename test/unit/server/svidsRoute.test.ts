import { describe, expect, it } from 'vitest'
import type { SvidView, UnreadableView } from '../../../src/ledger/workloads/view.ts'
import { fakeLedger, issuedAtMs, svidView } from '../../support/fakeLedger.ts'
import { startTestServers } from '../../support/testServers.ts'

interface Page {
  readonly items: readonly Readonly<Record<string, unknown>>[]
  readonly continue?: string
  readonly total: number
}

const pods = (page: Page) => page.items.map(({ pod }) => pod)

async function serving(svids: readonly SvidView[], nowMs = issuedAtMs, unreadable: readonly UnreadableView[] = []) {
  const { getJson } = await startTestServers({ ledger: fakeLedger({ svids, unreadable }), nowMs })
  return async (query = '') => {
    const { status, body } = await getJson(`/api/v1/svids${query}`)
    expect(status, JSON.stringify(body)).toBe(200)
    return body as Page
  }
}

describe('an item', () => {
  it('tells everything of one copy', async () => {
    const get = await serving([svidView({}, { problem: 'unmounted' })], issuedAtMs + 1_500)
    expect(await get()).toEqual({
      items: [
        {
          spiffeId: 'spiffe://example.org/ns/team-a/sa/web',
          trustDomain: 'example.org',
          namespace: 'team-a',
          pod: 'web-0',
          volume: 'tls',
          node: 'node-1',
          issuer: 'ClusterIssuer/spiffe-ca',
          file: '',
          copy: 'mounted',
          notBefore: '2026-11-22T12:00:00.000Z',
          notAfter: '2026-11-22T13:00:00.000Z',
          renewalDue: '2026-11-22T12:40:00.000Z',
          lastObserved: '2026-11-22T12:01:00.000Z',
          expiresInSeconds: 3598,
          state: 'valid',
          problem: 'unmounted',
          fingerprint: 'ab'.repeat(32),
        },
      ],
      total: 1,
    })
  })

  it('tells where a file is that was never read, and why it cannot be read', async () => {
    const { labels } = svidView({ spiffe_id: '', trust_domain: '', issuer: '' })
    const get = await serving([], issuedAtMs, [{ labels, reason: 'missing' }])
    expect(await get()).toEqual({
      items: [
        {
          spiffeId: '',
          trustDomain: '',
          namespace: 'team-a',
          pod: 'web-0',
          volume: 'tls',
          node: 'node-1',
          issuer: '',
          file: '',
          copy: 'mounted',
          problem: 'missing',
        },
      ],
      total: 1,
    })
  })

  it('has no problem while it can be read', async () => {
    const get = await serving([svidView()])
    expect((await get()).items[0]).not.toHaveProperty('problem')
  })

  it.each([
    [3_599_999, 0],
    [3_600_000, 0],
    [3_600_001, -1],
    [7_200_000, -3600],
  ])('expires in whole seconds, negative once it has: after %i ms', async (ageMs, seconds) => {
    const get = await serving([svidView()], issuedAtMs + ageMs)
    expect((await get()).items[0]).toMatchObject({ expiresInSeconds: seconds })
  })
})

describe('a filter', () => {
  const svids = [
    svidView({ pod: 'a', copy: 'issued' }, { state: 'expired' }),
    svidView({ pod: 'b', namespace: 'team-b' }),
    svidView({ pod: 'c' }, { state: 'renewal_overdue' }),
    svidView({ pod: '', namespace: '', file: '/run/svid.pem' }),
  ]
  const unread = { labels: svidView({ pod: 'd', spiffe_id: '' }).labels, reason: 'missing' } as const

  it.each([
    ['', ['', 'a', 'c', 'd', 'b']],
    ['?namespace=team-a', ['a', 'c', 'd']],
    ['?namespace=team', []],
    ['?namespace=', ['']],
    ['?copy=issued', ['a']],
    ['?copy=mounted&namespace=team-a', ['c', 'd']],
    ['?state=renewal_overdue', ['c']],
    ['?state=valid&namespace=team-b&copy=mounted', ['b']],
  ])('keeps what matches: %s', async (query, expected) => {
    const page = await (await serving(svids, issuedAtMs, [unread]))(query)
    expect(pods(page)).toEqual(expected)
    expect(page.total).toBe(expected.length)
  })
})

describe('pages', () => {
  const named = (names: string) => names.split(' ').map((pod) => svidView({ pod }))

  it('hold 100 items unless the request says otherwise', async () => {
    const get = await serving(Array.from({ length: 150 }, (_, index) => svidView({ pod: `web-${index}` })))
    const first = await get()
    expect([first.items.length, first.total]).toEqual([100, 150])
    const second = await get(`?continue=${first.continue ?? ''}`)
    expect([second.items.length, second.total, second.continue]).toEqual([50, 150, undefined])
  })

  it('end without a continue value, also when the last one is full', async () => {
    const get = await serving(named('a b'))
    expect(await get('?limit=2')).not.toHaveProperty('continue')
    expect(await get('?limit=1')).toHaveProperty('continue')
  })

  it('go on at the same place when SVIDs come and go between them', async () => {
    const svids = named('d b a c')
    const get = await serving(svids)
    const first = await get('?limit=2')
    expect(pods(first)).toEqual(['a', 'b'])
    svids.splice(0, svids.length, ...named('e c aa bb d'))
    expect(pods(await get(`?limit=9&continue=${first.continue ?? ''}`))).toEqual(['bb', 'c', 'd', 'e'])
  })

  it('keep to the filter that each request names', async () => {
    const get = await serving([...named('a b'), svidView({ pod: 'c', copy: 'issued' })])
    const first = await get('?limit=1&copy=mounted')
    expect(pods(await get(`?copy=mounted&continue=${first.continue ?? ''}`))).toEqual(['b'])
  })
})

describe('a query that cannot be answered', () => {
  const notOfEarlier = (token: string) => `continue: must be the continue value of an earlier answer (got "${token}")`

  it.each([
    ['limit=0', 'limit: must be an integer from 1 to 1000 (got "0")'],
    ['limit=1001', 'limit: must be an integer from 1 to 1000 (got "1001")'],
    ['limit=ten', 'limit: must be an integer from 1 to 1000 (got "ten")'],
    ['limit=', 'limit: must be an integer from 1 to 1000 (got "")'],
    ['limit=1&limit=2', 'limit: must be given only once'],
    ['copy=served', 'copy: must be one of issued, mounted (got "served")'],
    ['state=ok', 'state: must be one of valid, renewal_overdue, expired (got "ok")'],
    ['continue=nonsense', notOfEarlier('nonsense')],
    ['continue=WyJhIl0', notOfEarlier('WyJhIl0')],
    ['continue=', notOfEarlier('')],
    ['pod=web-0', 'pod: unknown parameter; known parameters are limit, continue, namespace, copy, state'],
    ['__proto__=x', '__proto__: unknown parameter; known parameters are limit, continue, namespace, copy, state'],
    [`state=${'x'.repeat(500)}`, `state: must be one of valid, renewal_overdue, expired (got "${'x'.repeat(60)}")`],
  ])('is 400 and names the parameter and its value: %.40s', async (query, message) => {
    const { getJson } = await startTestServers()
    expect(await getJson(`/api/v1/svids?${query}`)).toEqual({
      status: 400,
      body: { error: { code: 'invalid_parameter', message } },
    })
  })
})
