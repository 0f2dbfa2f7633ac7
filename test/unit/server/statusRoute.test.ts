import { expect, it } from 'vitest'
import {
  bundleView,
  fakeLedger,
  issuedAtMs,
  nodeRoleView,
  sourceStatus,
  svidView,
  type LedgerData,
} from '../../support/fakeLedger.ts'
import { diagnosis, fakeDiagnoses } from '../../support/fakeDiagnoses.ts'
import { startTestServers } from '../../support/testServers.ts'

const request = { namespace: 'team-a', issuer: 'ClusterIssuer/spiffe-ca', reason: '' } as const

it('tells what svidwatch is, what it counts and what it cannot see', async () => {
  const { getJson } = await startTestServers({
    nowMs: issuedAtMs,
    readiness: { ready: () => false, waitingFor: () => ['pods'] },
    ledger: fakeLedger({
      svids: [svidView(), svidView(), svidView({}, { state: 'expired' })],
      drifts: [{ labels: svidView().labels, cause: 'mount_stale' }],
      refused: [{ labels: svidView().labels, reason: 'unknown_authority' }],
      probes: [
        { namespace: 'team-a', state: 'served', count: 2 },
        { namespace: '', state: 'served', count: 1 },
      ],
      requestCounts: [
        { ...request, state: 'issued', count: 3 },
        { ...request, state: 'issued', namespace: 'team-b', count: 4 },
        { ...request, state: 'denied', reason: 'denied_policy', count: 1 },
      ],
      sources: [
        sourceStatus({
          source: 'pods',
          concluded: false,
          up: false,
          trouble: { reason: 'forbidden', detail: 'pods is forbidden', sinceMs: issuedAtMs + 1_000 },
          troubles: new Map([
            ['forbidden', 2],
            ['timeout', 0],
          ]),
          rejections: new Map([['malformed_object', 1]]),
          lastRejected: [{ reason: 'malformed_object', where: 'pod team-a/web-0', detail: 'no uid' }],
        }),
      ],
    }),
  })
  expect(await getJson('/api/v1/status')).toEqual({
    status: 200,
    body: {
      version: '1.2.3',
      roles: ['cluster'],
      startedAt: '2026-11-22T12:00:00.000Z',
      ready: false,
      svids: { valid: 2, renewal_overdue: 0, expired: 1 },
      drifts: {
        mount_stale: 1,
        mount_detached: 0,
        not_reloaded: 0,
        empty_volume: 0,
        mount_gone: 0,
        sub_path: 0,
        wrong_identity: 0,
      },
      refused: 1,
      requests: { pending: 0, approved: 0, issued: 7, denied: 1, failed: 0 },
      workloads: { expired: 0, pending: 0, valid: 0, none: 0 },
      probes: {
        served: 3,
        other_identity: 0,
        no_spiffe_id: 0,
        unreachable: 0,
        host_network: 0,
        no_target: 0,
        pending: 0,
      },
      nodes: { up: 0, silent: 0, items: [], more: 0 },
      agentsDown: { items: [], more: 0 },
      bundles: [],
      sources: [
        {
          source: 'pods',
          concluded: false,
          up: false,
          lastContact: '2026-11-22T12:00:00.000Z',
          trouble: { reason: 'forbidden', detail: 'pods is forbidden', since: '2026-11-22T12:00:01.000Z' },
          troubles: { forbidden: 2 },
          rejections: { malformed_object: 1 },
          lastRejected: [{ reason: 'malformed_object', where: 'pod team-a/web-0', detail: 'no uid' }],
        },
      ],
    },
  })
})

it('counts problems by severity, and those that wake nobody by themselves', async () => {
  const warning = { severity: 'warning' } as const
  const diagnoses = fakeDiagnoses(diagnosis(), diagnosis(), diagnosis(warning), diagnosis({ ...warning, muted: true }))
  const { getJson } = await startTestServers({ diagnoses })
  expect((await getJson('/api/v1/status')).body).toHaveProperty('problems', { critical: 2, warning: 1, muted: 1 })
})

it('leaves out what there is not: no contact yet, no trouble', async () => {
  const unseen = sourceStatus({ concluded: false })
  delete unseen.lastContactMs
  const { getJson } = await startTestServers({ ledger: fakeLedger({ sources: [unseen] }) })
  const { body } = await getJson('/api/v1/status')
  expect((body as { sources: readonly object[] }).sources[0]).toEqual({
    source: 'mountedSvids',
    concluded: false,
    up: true,
    troubles: {},
    rejections: {},
    lastRejected: [],
  })
})

/** What the status says of the cluster, beside svidwatch's own sources. */
async function statusOf(data: LedgerData) {
  const { getJson } = await startTestServers({ ledger: fakeLedger(data) })
  const { body } = await getJson('/api/v1/status')
  return body as Record<'nodes' | 'agentsDown' | 'bundles' | 'workloads', unknown>
}

const silence = { reason: 'timeout', detail: 'nothing heard for 15 s', sinceMs: issuedAtMs + 15_000 } as const

it('names node roles that are silent and those of whose findings some are refused, the most refused first', async () => {
  const nodeRoles = [
    nodeRoleView(),
    { node: 'node-2', concluded: true, up: false, findings: 0, refused: 0 },
    nodeRoleView({ node: 'node-3', up: false, trouble: silence }),
    nodeRoleView({ node: 'node-4', refused: 1 }),
    nodeRoleView({ node: 'node-5', refused: 9 }),
  ]
  expect((await statusOf({ nodeRoles })).nodes).toEqual({
    up: 3,
    silent: 2,
    items: [
      { node: 'node-5', concluded: true, up: true, lastContact: '2026-11-22T12:00:00.000Z', findings: 2, refused: 9 },
      { node: 'node-4', concluded: true, up: true, lastContact: '2026-11-22T12:00:00.000Z', findings: 2, refused: 1 },
      { node: 'node-2', concluded: true, up: false, findings: 0, refused: 0 },
      {
        node: 'node-3',
        concluded: true,
        up: false,
        lastContact: '2026-11-22T12:00:00.000Z',
        trouble: { reason: 'timeout', detail: 'nothing heard for 15 s', since: '2026-11-22T12:00:15.000Z' },
        findings: 2,
        refused: 0,
      },
    ],
    more: 0,
  })
})

it('names nodes without their agent', async () => {
  const agents = ['csi-driver-spiffe', 'spire-agent'].map((agent, index) => ({
    node: 'node-1',
    agent,
    up: index === 0,
  }))
  expect((await statusOf({ agents })).agentsDown).toEqual({
    items: [{ node: 'node-1', agent: 'spire-agent' }],
    more: 0,
  })
})

it('names a hundred of them at most, and says how many more there are', async () => {
  const names = Array.from({ length: 130 }, (_, index) => `node-${index}`)
  const { nodes, agentsDown } = await statusOf({
    nodeRoles: names.map((node) => nodeRoleView({ node, up: false, trouble: silence })),
    agents: names.map((node) => ({ node, agent: 'csi-driver-spiffe', up: false })),
  })
  for (const listed of [nodes, agentsDown] as { items: { node: string }[]; more: number }[]) {
    expect(listed.items.map(({ node }) => node)).toEqual(names.slice(0, 100))
    expect(listed.more).toBe(30)
  }
})

it('tells of every bundle endpoint, with an exact sequence', async () => {
  const endpoint = { trustDomain: 'a.example', url: 'https://a.example', profile: 'https_spiffe' } as const
  const trouble = { reason: 'tls_untrusted', detail: 'no known authority signed it', sinceMs: issuedAtMs } as const
  const bundle = { sequence: 18_446_744_073_709_551_615n, x509Authorities: [], jwtAuthorities: [] }
  const seen = { concluded: true, lastContactMs: issuedAtMs - 1_000 }
  const bundles = [bundleView(), bundleView({ endpoint, bundle, ...seen, trouble })]
  expect((await statusOf({ bundles })).bundles).toEqual([
    {
      trustDomain: 'partner.example',
      url: 'https://partner.example/bundle',
      profile: 'https_web',
      concluded: false,
      up: false,
    },
    {
      trustDomain: 'a.example',
      url: 'https://a.example',
      profile: 'https_spiffe',
      sequence: '18446744073709551615',
      concluded: true,
      up: false,
      lastContact: '2026-11-22T11:59:59.000Z',
      trouble: { reason: 'tls_untrusted', detail: 'no known authority signed it', since: '2026-11-22T12:00:00.000Z' },
    },
  ])
})

it('adds up the pods of all namespaces by how it stands with their SVIDs', async () => {
  const workloads = ['team-a', 'team-b'].flatMap((namespace) => [
    { namespace, state: 'valid', count: 3 } as const,
    { namespace, state: 'none', count: 1 } as const,
  ])
  expect((await statusOf({ workloads })).workloads).toEqual({ expired: 0, pending: 0, valid: 6, none: 2 })
})
