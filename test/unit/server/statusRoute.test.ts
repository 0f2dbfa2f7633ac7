import { expect, it } from 'vitest'
import { fakeLedger, issuedAtMs, sourceStatus, svidView } from '../../support/fakeLedger.ts'
import { startTestServers } from '../../support/testServers.ts'

const request = { namespace: 'team-a', issuer: 'ClusterIssuer/spiffe-ca', reason: '' } as const

it('tells what svidwatch is, what it counts and what it cannot see', async () => {
  const { getJson } = await startTestServers({
    nowMs: issuedAtMs,
    readiness: { ready: () => false, waitingFor: () => ['pods'] },
    ledger: fakeLedger({
      svids: [svidView(), svidView(), svidView({}, { state: 'expired' })],
      drifts: [{ labels: svidView().labels, cause: 'mount_stale' }],
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
      drifts: { mount_stale: 1 },
      requests: { pending: 0, approved: 0, issued: 7, denied: 1, failed: 0 },
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
