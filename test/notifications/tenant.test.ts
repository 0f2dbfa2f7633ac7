import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock as clock } from '../../src/clock.ts'
import { startSvidwatch } from '../../src/demo/svidwatch.ts'
import { createLog } from '../../src/log/log.ts'
import { population, type Fate } from '../../src/world/population.ts'
import { startWorld, type World } from '../../src/world/world.ts'
import { until } from '../cluster/support/shell.ts'
import { Paging } from './support/paging.ts'

// Two clusters at one Alertmanager, with the same workloads and the same troubles. In one of them, a tenant uses up what it can, and
// puts markup into every name that it may choose.
const clusters = ['quiet', 'shared'] as const
const hostile = 'a-hostile'
const markup = '<!channel> [x](http://evil.test) {{ $labels }}'
const issuers = 300

let paging: Paging
const worlds = new Map<string, World>()
const started = new AsyncDisposableStack()

beforeAll(async () => {
  paging = started.use(await Paging.start())
  for (const cluster of clusters) {
    const world = await startWorld({ clock, root: tmpdir() })
    started.defer(() => world.close())
    worlds.set(cluster, world)
    if (cluster === 'shared') await haveWorstDay(world)
    const log = createLog({ level: 'error', format: 'json', clock })
    const app = await startSvidwatch(world, { clock, log, version: '0.0.0', port: 0, probePort: 0 })
    started.defer(() => app.close())
    await paging.addPrometheus(cluster, new URL(app.url).host)
  }
}, 120_000)

afterAll(() => started.disposeAsync())

/** Creates requests that nobody answers, each with an issuer that is made up, and a pod with 1,000 volumes. */
async function haveWorstDay({ api, nodes }: World): Promise<void> {
  const create = async (path: string, object: object) => {
    const headers = { authorization: `Bearer ${api.token}`, 'content-type': 'application/json' }
    const answer = await fetch(`${api.url}${path}`, { method: 'POST', headers, body: JSON.stringify(object) })
    if (!answer.ok) throw new Error(await answer.text())
  }
  const requests = `/apis/cert-manager.io/v1/namespaces/${hostile}/certificaterequests`
  const pods = `/api/v1/namespaces/${hostile}/pods`
  await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: hostile } })
  for (let index = 0; index < 2 * issuers; index += 1)
    await create(requests, {
      apiVersion: 'cert-manager.io/v1',
      kind: 'CertificateRequest',
      metadata: {
        name: `made-up-${index}`,
        namespace: hostile,
        annotations: {
          'spiffe.csi.cert-manager.io/identity': `spiffe://example.org/ns/${hostile}/sa/made-up-${index}`,
        },
      },
      // Without a signing request, no approver decides.
      spec: {
        issuerRef: {
          kind: index % 2 ? 'ClusterIssuer' : 'Issuer',
          name: `${index % 4 < 2 ? markup : 'made-up'} ${index}`,
        },
      },
    })
  const volume = (index: number) => ({ name: `volume-${index}`, csi: { driver: 'spiffe.csi.cert-manager.io' } })
  await create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'greedy', namespace: hostile },
    spec: {
      nodeName: nodes[0]?.name,
      containers: [],
      volumes: Array.from({ length: 1_000 }, (_, index) => volume(index)),
    },
    status: { phase: 'Running', startTime: new Date(clock.now() - 60_000).toISOString() },
  })
}

/**
 * The fates of pods that have their trouble before the outage. The others are renewed until then: whether one of them pages before it
 * shows that it is the issuer is a matter of moments.
 */
const troubled: readonly Fate[] = ['stuck', 'deadMount', 'notReloaded']
const troubledPods = new Set(population.filter(({ fate }) => troubled.includes(fate)).map(({ name }) => name))

/** What has been told of the issuers, and of the pods that have their trouble before the outage, each alert once, by name. */
function told(cluster: string): ReadonlySet<string> {
  const alerts = paging.notifications(cluster, 'on-call').flatMap(({ alerts: all }) => all)
  const lasting = alerts.filter(({ labels: { pod } }) => pod === undefined || troubledPods.has(pod))
  const lines = lasting.map(({ labels }) =>
    Object.entries(labels)
      .filter(([name]) => name !== 'cluster')
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
  )
  return new Set(lines)
}

/** What has been told in one of the clusters only. An alert that just misses an update of its page is told a minute later. */
const toldInOne = (): readonly string[] => [...told('quiet').symmetricDifference(told('shared'))]

const fires = (cluster: string, alert: string, times: number) =>
  [...told(cluster)].filter((one) => one.includes(`alertname=${alert} `)).length >= times

test('whatever a tenant has and calls itself, the pages of the others are the same', async () => {
  const both = (isSo: (cluster: string) => boolean) => () => Promise.resolve(clusters.every(isSo) || undefined)
  await until(
    'pages of the stuck renewal and of the dead mount',
    120,
    both((cluster) => fires(cluster, 'SVIDExpiringSoon', 2) && fires(cluster, 'SVIDExpired', 2)),
  )
  for (const world of worlds.values()) world.stopIssuer()
  await until(
    'the page of the issuer',
    180,
    both((cluster) => fires(cluster, 'SVIDIssuanceDown', 1)),
  )
  await expect.poll(toldInOne, { timeout: 90_000, interval: 1_000 }).toEqual([])
}, 480_000)
