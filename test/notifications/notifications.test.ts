import { afterAll, beforeAll, expect, test } from 'vitest'
import { population } from '../../src/world/population.ts'
import { until } from '../cluster/support/shell.ts'
import { Paging } from './support/paging.ts'
import type { Alert, Labels } from './support/receiver.ts'

// Two clusters at one Alertmanager: both have a stuck renewal and a dead mount. In one of them, the issuer fails as well, after
// these two have paged.
let paging: Paging
const started = new AsyncDisposableStack()

beforeAll(async () => {
  paging = started.use(await Paging.start())
  await Promise.all([paging.addCluster('steady'), paging.addCluster('outage', ['--issuer-down-after', '75s'])])
})

afterAll(() => started.disposeAsync())

const podsOf = (...fates: string[]) => population.filter(({ fate }) => fates.includes(fate)).map(({ name }) => name)
const podIn = (labels: Labels) => labels['pod'] ?? ''

/** The pods that the pages of a cluster name, each as often as a page has named it. */
const namedPods = (cluster: string, alert: string) =>
  paging.pages(cluster, alert).flatMap(({ firing }) => firing.map(({ labels }) => podIn(labels)))

test.each(['steady', 'outage'])('%s: the stuck renewal and the dead mount page', async (cluster) => {
  const stuck = podsOf('stuck', 'deadMount')
  await until('pages of both', 120, () =>
    Promise.resolve(stuck.every((pod) => namedPods(cluster, 'SVIDExpiringSoon').includes(pod)) || undefined),
  )
  for (const { firing, groupLabels } of paging.pages(cluster, 'SVIDExpiringSoon')) {
    expect(firing).toHaveLength(1)
    const { labels, annotations }: Pick<Alert, 'labels' | 'annotations'> = firing[0] ?? { labels: {}, annotations: {} }
    const plan = population.find(({ name }) => name === podIn(labels))
    expect(labels).toMatchObject({
      severity: 'critical',
      cluster,
      namespace: plan?.namespace,
      node: plan?.node,
      issuer: 'ClusterIssuer/spiffe-ca',
      spiffe_id: `spiffe://example.org/ns/${plan?.namespace}/sa/${plan?.serviceAccount}`,
    })
    expect(groupLabels).toMatchObject({ cluster, node: plan?.node })
    expect(annotations['description']).toContain(`${plan?.namespace}/${plan?.name}`)
    expect(annotations['runbook_url']).toMatch(/\/docs\/runbooks\/SVIDExpiringSoon\.md$/)
  }
})

test("the dead man's switch goes on arriving", async () => {
  for (const cluster of ['steady', 'outage']) {
    await until(`it of ${cluster}, twice`, 120, () =>
      Promise.resolve(paging.notifications(cluster, 'dead-mans-switch').length >= 2 || undefined),
    )
  }
})

/** How many workloads have missed their renewal, as the alert about their issuer says. */
const countedBy = (down: Pick<Alert, 'annotations'> | undefined): number =>
  Number(/(\d+) workloads? ha/.exec(down?.annotations['description'] ?? '')?.[1] ?? 0)

test('an issuer that is down is one page for all of its workloads, and leaves the page that one of them had before', async () => {
  const healthy = podsOf('healthy')
  await until('an alert that counts every workload of the issuer', 240, async () => {
    const [down] = await paging.held('outage', 'SVIDIssuanceDown')
    const ofWorkloads = await paging.held('outage', 'SVIDExpiringSoon')
    const stuck = ofWorkloads.find(({ labels }) => podsOf('stuck').includes(podIn(labels)))
    const isHeldBack = down && stuck?.status.inhibitedBy.includes(down.fingerprint)
    return (isHeldBack === false && countedBy(down) >= healthy.length) || undefined
  })
  const ofHealthy = (await paging.held('outage', 'SVIDExpiringSoon')).filter(({ labels }) =>
    healthy.includes(podIn(labels)),
  )
  expect(ofHealthy).toEqual([])
  const [page, ...others] = paging.pages('outage', 'SVIDIssuanceDown')
  expect(others).toEqual([])
  expect(page?.groupLabels).toEqual({ cluster: 'outage', issuer: 'ClusterIssuer/spiffe-ca' })
  expect(page?.firing).toHaveLength(1)
  expect(namedPods('outage', 'SVIDExpiringSoon').filter((pod) => healthy.includes(pod))).toEqual([])
})

test.each([
  ['steady', 2],
  ['outage', 3],
])('%s: all in all there were %i pages, each of which named a workload once', (cluster, expected) => {
  const groups = paging.notifications(cluster, 'on-call').map(({ groupKey }) => groupKey)
  expect(new Set(groups).size).toBe(expected)
  expect(namedPods(cluster, 'SVIDExpiringSoon').sort()).toEqual(podsOf('stuck', 'deadMount').sort())
  // An alert that begins and ends between two updates of a page is only told as resolved, which wakes nobody.
  const firing = paging
    .notifications(cluster, 'on-call')
    .flatMap(({ alerts }) => alerts.filter(({ status }) => status === 'firing'))
  expect(firing.filter(({ labels }) => podsOf('healthy', 'ended').includes(podIn(labels)))).toEqual([])
})
