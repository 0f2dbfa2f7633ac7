import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { allCodes } from '../../../src/diagnosis/codes.ts'
import type { Diagnosis, Subject } from '../../../src/diagnosis/diagnosis.ts'
import { diagnosis, fakeDiagnoses, harmless } from '../../support/fakeDiagnoses.ts'
import { startTestServers } from '../../support/testServers.ts'

interface Page {
  readonly counts: Readonly<Record<string, number>>
  readonly items: readonly Readonly<Record<string, unknown>>[]
  readonly continue?: string
  readonly total: number
}

const pods = (page: Page) => page.items.map(({ subject }) => (subject as { pod?: string }).pod ?? '')

const runbooks = 'https://github.com/svidwatch/svidwatch/blob/main/docs/runbooks'

async function serving(...diagnoses: readonly Diagnosis[]) {
  const { getJson } = await startTestServers({ diagnoses: fakeDiagnoses(...diagnoses) })
  return async (query = '') => {
    const { status, body } = await getJson(`/api/v1/problems${query}`)
    expect(status, JSON.stringify(body)).toBe(200)
    return body as Page
  }
}

/** Returns the diagnosis of a pod, with a key of its own. */
const ofPod = (pod: string, given: Partial<Diagnosis> = {}): Diagnosis =>
  diagnosis({ key: `${pod}/tls`, subject: { namespace: 'team-a', pod }, ...given })

describe('an item', () => {
  it('tells everything of one problem', async () => {
    const get = await serving(
      diagnosis({
        reason: 'denied_duration',
        evidence: { notAfterMs: Date.UTC(2026, 10, 22, 13), request: 'web-0-1', missed: 3 },
        remedy: 'approver',
        explainedBy: 'issuer_down',
        muted: true,
      }),
    )
    expect(await get()).toEqual({
      counts: { critical: 0, warning: 0, muted: 1 },
      items: [
        {
          code: 'renewal_missed',
          severity: 'critical',
          subject: {
            spiffeId: 'spiffe://example.org/ns/team-a/sa/web',
            trustDomain: 'example.org',
            namespace: 'team-a',
            pod: 'web-0',
            volume: 'tls',
            node: 'node-1',
            issuer: 'ClusterIssuer/spiffe-ca',
            copy: 'mounted',
          },
          reason: 'denied_duration',
          since: '2026-11-22T12:45:00.000Z',
          impact: '2026-11-22T13:00:00.000Z',
          evidence: { notAfter: '2026-11-22T13:00:00.000Z', request: 'web-0-1', missed: 3 },
          remedy: 'approver',
          explainedBy: 'issuer_down',
          muted: true,
          meaning: 'the renewal of the SVID was missed, and the SVID has not expired yet',
          alert: 'SVIDExpiringSoon',
          runbook: `${runbooks}/SVIDExpiringSoon.md`,
        },
      ],
      total: 1,
    })
  })

  it('leaves out what there is not', async () => {
    const agentDown = harmless({ code: 'agent_down', subject: { node: 'node-3', agent: 'spire' } })
    const [item] = (await (await serving(agentDown))()).items
    expect(item).toMatchObject({ subject: { node: 'node-3', agent: 'spire' }, evidence: {} })
    for (const field of ['reason', 'impact', 'explainedBy', 'muted']) expect(item).not.toHaveProperty(field)
  })

  it.each(allCodes)('leads to a runbook that exists: %s', async (code) => {
    const [item] = (await (await serving(diagnosis({ code })))()).items
    const page = String(item?.['runbook']).replace(runbooks, join(import.meta.dirname, '../../../docs/runbooks'))
    expect(existsSync(page), page).toBe(true)
  })
})

it('shows the most urgent problem first', async () => {
  const get = await serving(
    ofPod('muted', { muted: true }),
    ofPod('warning', { severity: 'warning' }),
    ofPod('explained', { explainedBy: 'issuer_down' }),
    ofPod('later', { impactMs: Date.UTC(2026, 10, 22, 14) }),
    ofPod('sooner'),
  )
  expect(pods(await get())).toEqual(['sooner', 'later', 'explained', 'warning', 'muted'])
})

describe('a filter', () => {
  const about = (pod: string, subject: Subject, given: Partial<Diagnosis> = {}) =>
    ofPod(pod, { subject: { pod, ...subject }, ...given })
  const problems = [
    about('a', { namespace: 'team-a', node: 'node-1', issuer: 'ClusterIssuer/spiffe-ca' }),
    about('b', { namespace: 'team-b', node: 'node-2' }, { severity: 'warning', code: 'not_issued' }),
    about('c', { namespace: 'team-b', node: 'node-1' }, { severity: 'warning', muted: true }),
    diagnosis({ code: 'issuer_down', key: 'issuer', subject: { issuer: 'ClusterIssuer/spiffe-ca' } }),
  ]

  it.each([
    ['', ['a', '', 'b', 'c']],
    ['?namespace=team-b', ['b', 'c']],
    ['?namespace=team', []],
    ['?namespace=', ['']],
    ['?pod=a', ['a']],
    ['?node=node-1', ['a', 'c']],
    ['?issuer=ClusterIssuer/spiffe-ca', ['a', '']],
    ['?code=not_issued', ['b']],
    ['?code=node_blind', []],
    ['?severity=warning', ['b', 'c']],
    ['?muted=true', ['c']],
    ['?muted=false&severity=warning', ['b']],
  ])('keeps what matches: %s', async (query, expected) => {
    const page = await (await serving(...problems))(query)
    expect(pods(page).toSorted()).toEqual(expected.toSorted())
    expect(page.total).toBe(expected.length)
  })

  it('decides what is counted, and muted problems count by themselves', async () => {
    const get = await serving(...problems)
    expect((await get('?limit=1')).counts).toEqual({ critical: 2, warning: 1, muted: 1 })
    expect((await get('?namespace=team-b')).counts).toEqual({ critical: 0, warning: 1, muted: 1 })
    expect((await get('?pod=nobody')).counts).toEqual({ critical: 0, warning: 0, muted: 0 })
  })
})

describe('pages', () => {
  it('hold 100 items unless the request says otherwise', async () => {
    const get = await serving(...Array.from({ length: 150 }, (_, index) => ofPod(`web-${index}`)))
    const first = await get()
    expect([first.items.length, first.total]).toEqual([100, 150])
    const second = await get(`?continue=${first.continue ?? ''}`)
    expect([second.items.length, second.total, second.continue]).toEqual([50, 150, undefined])
    expect(new Set([...pods(first), ...pods(second)]).size).toBe(150)
  })

  it('end without a continue value, also when the last one is full', async () => {
    const get = await serving(ofPod('a'), ofPod('b'))
    expect(await get('?limit=2')).not.toHaveProperty('continue')
    expect(await get('?limit=1')).toHaveProperty('continue')
  })

  it('go on at the same place with the filter that each request names', async () => {
    const get = await serving(ofPod('a'), ofPod('b', { severity: 'warning' }), ofPod('c'))
    const first = await get('?limit=1&severity=critical')
    expect(pods(await get(`?severity=critical&continue=${first.continue ?? ''}`))).toEqual(['c'])
  })
})

describe('a query that cannot be answered', () => {
  const parameters = 'limit, continue, namespace, pod, node, issuer, code, severity, muted'
  const tokenOf = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

  it.each([
    ['limit=0', 'limit: must be an integer from 1 to 1000 (got "0")'],
    ['code=expiring', `code: must be one of ${allCodes.join(', ')} (got "expiring")`],
    ['severity=none', 'severity: must be one of critical, warning (got "none")'],
    ['muted=yes', 'muted: must be one of true, false (got "yes")'],
    ['pod=a&pod=b', 'pod: must be given only once'],
    ['volume=tls', `volume: unknown parameter; known parameters are ${parameters}`],
    ['continue=nonsense', 'continue: must be the continue value of an earlier answer (got "nonsense")'],
    [
      `continue=${tokenOf(['a'])}`,
      `continue: must be the continue value of an earlier answer (got "${tokenOf(['a'])}")`,
    ],
  ])('is 400 and names the parameter and its value: %.40s', async (query, message) => {
    const { getJson } = await startTestServers({ diagnoses: fakeDiagnoses() })
    expect(await getJson(`/api/v1/problems?${query}`)).toEqual({
      status: 400,
      body: { error: { code: 'invalid_parameter', message } },
    })
  })

  it('is 404 where nothing is judged', async () => {
    const { getJson } = await startTestServers()
    expect(await getJson('/api/v1/problems')).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } })
  })
})
