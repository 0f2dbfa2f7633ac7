import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { podEvents, type Snapshot } from '../../../src/demo/podEvents.ts'
import { introduction, podEventLine, type Paint } from '../../../src/demo/narration.ts'
import { population, type PodPlan } from '../../../src/world/population.ts'
import type { PodTruth } from '../../../src/world/truth.ts'
import { workloadOf } from '../../../src/world/workload.ts'

const plain: Paint = (_style, text) => text
const startMs = Date.UTC(2026, 0, 1, 12)
const period = (notBeforeMs: number) => ({ notBeforeMs, notAfterMs: notBeforeMs + 180_000 })
const plan: PodPlan = { namespace: 'shop', name: 'cart-0', serviceAccount: 'cart', node: 'node-1', fate: 'healthy' }
const node = { name: 'node-1', uid: '3ee692e1-09e7-4a30-a78a-b433a4c4e514' }
const workload = workloadOf(plan, node)
const bySubPath = { ...workload, bySubPath: true } as const

const fresh: PodTruth = {
  workload,
  fate: 'healthy',
  mountDead: false,
  detached: false,
  mounted: period(startMs),
  verifies: true,
  inContainers: period(startMs),
  served: undefined,
  newestRequest: { name: 'a', state: 'issued', decision: 'Approved request', certificate: period(startMs) },
}

/** The lines for one pod that was as in `before` at `fromS` and as in `after` at `toS`, in seconds from the start. */
function lines(before: Partial<PodTruth>, after: Partial<PodTruth>, fromS: number, toS: number): string[] {
  const snapshot = (pod: Partial<PodTruth>, s: number): Snapshot => ({
    atMs: startMs + s * 1000,
    pods: [{ ...fresh, ...pod }],
  })
  return podEvents(snapshot(before, fromS), snapshot(after, toS)).map((event) => podEventLine(event, plain))
}

const next = {
  name: 'b',
  state: 'issued',
  decision: 'Approved request',
  certificate: period(startMs + 121_000),
} as const
const denied = {
  name: 'b',
  state: 'denied',
  decision: 'Denied request: not yours, exp="a" got="b"',
  certificate: undefined,
} as const

test.each<
  [what: string, before: Partial<PodTruth>, after: Partial<PodTruth>, fromS: number, toS: number, lines: string[]]
>([
  ['nothing', {}, {}, 10, 11, []],
  [
    'a renewal',
    {},
    { mounted: next.certificate, inContainers: next.certificate, newestRequest: next },
    121,
    122,
    ['  12:02:02  renewed   shop/cart-0                               valid until 12:05:01'],
  ],
  ['an issuance that has not reached its files yet', {}, { newestRequest: next }, 121, 122, []],
  [
    'an issuance that never reaches a dead mount',
    { mountDead: true },
    { mountDead: true, newestRequest: next },
    121,
    122,
    ['  12:02:02  stranded  shop/cart-0                               issued until 12:05:01, but its mount is dead'],
  ],
  [
    'a renewal that a detached container does not see',
    { detached: true },
    { detached: true, mounted: next.certificate, newestRequest: next },
    121,
    122,
    [
      '  12:02:02  stranded  shop/cart-0                               written until 12:05:01, but its container keeps an older mount',
    ],
  ],
  [
    'a renewal that a mount by subPath does not show',
    { workload: bySubPath },
    { workload: bySubPath, mounted: next.certificate, newestRequest: next },
    121,
    122,
    [
      '  12:02:02  stranded  shop/cart-0                               written until 12:05:01, but its container keeps the first one',
    ],
  ],
  [
    'a renewal that a server does not read',
    { served: period(startMs) },
    { served: period(startMs), mounted: next.certificate, inContainers: next.certificate, newestRequest: next },
    121,
    122,
    [
      '  12:02:02  outdated  shop/cart-0                               valid until 12:05:01, but its server presents the one until 12:03:00',
    ],
  ],
  [
    'a denial',
    {},
    { newestRequest: denied },
    10,
    11,
    ['  12:00:11  denied    shop/cart-0                               not yours'],
  ],
  ['a denial that was reported before', { newestRequest: denied }, { newestRequest: denied }, 11, 12, []],
  ['a renewal that is due only now', {}, {}, 119, 121, []],
  [
    'a missed renewal',
    {},
    {},
    124,
    126,
    [
      '  12:02:06  overdue   shop/cart-0                               renewal was due at 12:02:00, expires at 12:03:00',
    ],
  ],
  [
    'an expiry',
    {},
    {},
    179,
    181,
    ['  12:03:01  expired   shop/cart-0                               renewal was due at 12:02:00'],
  ],
  [
    'an expiry in a container that has another mount',
    { detached: true, mounted: next.certificate, newestRequest: next },
    { detached: true, mounted: next.certificate, newestRequest: next },
    179,
    181,
    [
      '  12:03:01  expired   shop/cart-0                               in its container, which does not get the one on the node',
    ],
  ],
  [
    'an expiry in a server',
    { mounted: next.certificate, inContainers: next.certificate, served: period(startMs), newestRequest: next },
    { mounted: next.certificate, inContainers: next.certificate, served: period(startMs), newestRequest: next },
    179,
    181,
    [
      '  12:03:01  expired   shop/cart-0                               in its server, which does not read its files again',
    ],
  ],
])('%s', (_what, before, after, fromS, toS, expected) => {
  expect(lines(before, after, fromS, toS)).toEqual(expected)
})

const scene = {
  url: 'http://127.0.0.1:9797',
  probeUrl: 'http://127.0.0.1:9798',
  kubernetesUrl: 'http://127.0.0.1:6443',
  kubernetesToken: '3f7226c0-fbb8-4fca-be70-09b7db8b5ad0',
  lifetimeMs: 180_000,
  pods: population.map((plan): PodTruth => ({ ...fresh, fate: plan.fate, workload: workloadOf(plan, node) })),
}

test('the introduction shows every special pod and the stuck endpoint, each with a command that finds it', () => {
  const text = introduction(scene, plain)
  const special = population.filter(({ fate }) => fate !== 'healthy')
  for (const { namespace, name } of special) expect(text).toContain(`${namespace}/${name}`)
  expect(text.match(/curl -s http:\/\/127\.0\.0\.1:9797\/metrics \| grep /g)).toHaveLength(special.length + 1)
  expect(text).toContain('A stuck bundle endpoint: supplier.example')
  const ended = population.find(({ fate }) => fate === 'ended')
  expect(text).toContain(`/certificaterequests | grep -o '"name":"${ended?.name}"'`)
  for (const { name } of population.filter(({ fate }) => fate === 'healthy')) expect(text).not.toContain(name)
})

test('its lines fit a terminal of 120 columns, and carry no escape sequences unless they are painted', () => {
  const text = introduction(scene, plain)
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120)
  expect(text).not.toContain('\u001b')
  expect(introduction(scene, (style, painted) => `<${style}>${painted}</>`)).toContain('<bold>svidwatch demo</>')
})

test('only an outage that is planned is announced, with the time that is left and a command that finds it', () => {
  expect(introduction(scene, plain)).not.toContain('outage')
  const text = introduction({ ...scene, issuerDownAfterMs: 90_000 }, plain)
  expect(text).toContain('An outage: ClusterIssuer/spiffe-ca loses its key, 90 s from now')
  expect(text).toContain(
    "curl -s http://127.0.0.1:9797/metrics | grep '^spiffe_certificate_requests.*issuer_not_ready'",
  )
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120)
})

test.each([
  ['early', 'authority_untrusted'],
  ['orderly', 'No problem begins'],
] as const)('only a rotation that is planned is announced: %s', (rotation, promised) => {
  expect(introduction(scene, plain)).not.toContain('rotation')
  const text = introduction({ ...scene, rotation }, plain)
  expect(text).toContain('A rotation of the CA of ClusterIssuer/spiffe-ca, 120 s from now')
  expect(text).toContain(promised)
  expect(text).toContain("curl -s http://127.0.0.1:9797/metrics | grep '^spiffe_authority_'")
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120)
})

test('the rules and dashboards that it names are there', () => {
  const repository = join(import.meta.dirname, '../../..')
  const paths = introduction(scene, plain).match(/(alerts|deploy|dashboards)\/[\w./]*/g) ?? []
  expect(paths).toEqual(['alerts/svidwatch.rules.yaml', 'deploy/prometheus/', 'dashboards/'])
  expect(paths.filter((path) => !existsSync(join(repository, path)))).toEqual([])
})
