import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { diagnosis, fakeDiagnoses } from '../../support/fakeDiagnoses.ts'
import { bundleView, fakeLedger, issuedAtMs, nodeRoleView, sourceStatus, svidView } from '../../support/fakeLedger.ts'
import { startTestServers } from '../../support/testServers.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/api.md'), 'utf8')
const minuteMs = 60_000
const nowMs = issuedAtMs + 50 * minuteMs

const sectionOf = (heading: string) => page.split(`## ${heading}\n`)[1] ?? ''

/** The first JSON example below a heading. */
function exampleOf(heading: string): unknown {
  return JSON.parse(/```json\n(.*?)```/s.exec(sectionOf(heading))?.[1] ?? '')
}

const overdue = { state: 'renewal_overdue', problem: 'unmounted', lastObservedMs: nowMs } as const

/** The page shows the answers for this world. */
const ledger = fakeLedger({
  svids: [svidView({ pod: 'web-1' }, overdue), svidView({}, overdue)],
  drifts: [{ labels: svidView().labels, cause: 'mount_stale' }],
  probes: [{ namespace: 'team-a', state: 'no_target', count: 2 }],
  requestCounts: [
    { namespace: 'team-a', issuer: 'ClusterIssuer/spiffe-ca', state: 'pending', reason: 'awaiting_issuer', count: 1 },
  ],
  workloads: [
    { namespace: 'team-a', state: 'valid', count: 2 },
    { namespace: 'team-a', state: 'none', count: 1 },
  ],
  nodeRoles: [
    nodeRoleView(),
    nodeRoleView({
      node: 'node-2',
      up: false,
      lastContactMs: nowMs - 2 * minuteMs,
      trouble: { reason: 'timeout', detail: 'nothing was received for 15 s', sinceMs: nowMs - minuteMs },
    }),
    nodeRoleView({ node: 'node-3', lastContactMs: nowMs, refused: 1 }),
  ],
  agents: [
    { node: 'node-1', agent: 'csi-driver-spiffe', up: true },
    { node: 'node-4', agent: 'csi-driver-spiffe', up: false },
  ],
  bundles: [
    bundleView({
      bundle: { sequence: 42n, x509Authorities: [], jwtAuthorities: [] },
      concluded: true,
      lastContactMs: nowMs - 5 * minuteMs,
      trouble: { reason: 'timeout', detail: 'no complete answer within 10 s', sinceMs: nowMs - minuteMs },
    }),
  ],
  sources: [
    sourceStatus({
      source: 'certificateRequests',
      up: false,
      trouble: {
        reason: 'forbidden',
        detail: 'certificaterequests.cert-manager.io is forbidden',
        sinceMs: nowMs - minuteMs,
      },
      troubles: new Map([['forbidden', 2]]),
      rejections: new Map([['malformed_certificate', 1]]),
      lastRejected: [
        {
          reason: 'malformed_certificate',
          where: 'CertificateRequest team-a/web-1',
          detail: 'certificate 1 cannot be parsed',
        },
      ],
    }),
  ],
})

const sinceMs = issuedAtMs + 45.4 * minuteMs
const evidence = {
  renewalDueMs: issuedAtMs + 40 * minuteMs,
  notAfterMs: issuedAtMs + 60 * minuteMs,
  lastSeenMs: nowMs,
  requestCreatedMs: issuedAtMs + 41 * minuteMs,
  request: 'web-0-x7k2p',
  requestState: 'pending',
} as const
const diagnoses = fakeDiagnoses(
  diagnosis({ sinceMs, evidence, reason: 'awaiting_approval', remedy: 'approver' }),
  diagnosis({ code: 'mount_stale', severity: 'warning', remedy: 'new_pod' }),
)

it.each([
  ['GET /api/v1/problems', '/api/v1/problems?namespace=team-a&limit=1'],
  ['GET /api/v1/svids', '/api/v1/svids?namespace=team-a&state=renewal_overdue&limit=1'],
  ['GET /api/v1/status', '/api/v1/status'],
  ['Errors', '/api/v1/svids?limit=0'],
])('docs/api.md shows what is really answered: %s', async (heading, path) => {
  const { getJson } = await startTestServers({ ledger, diagnoses, nowMs })
  expect((await getJson(path)).body).toEqual(exampleOf(heading))
})

it.each(['/api/v1/problems', '/api/v1/svids'])('docs/api.md names the parameters that there are: %s', async (path) => {
  const { getJson } = await startTestServers({ diagnoses })
  const [parameters = ''] = sectionOf(`GET ${path}`).split('```')
  const documented = [...parameters.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)
  const { body } = await getJson(`${path}?unknown=1`)
  expect(body).toHaveProperty(
    'error.message',
    `unknown: unknown parameter; known parameters are ${documented.join(', ')}`,
  )
})
