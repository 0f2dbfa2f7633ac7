import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock as clock } from '../../src/clock.ts'
import { startSvidwatch } from '../../src/demo/svidwatch.ts'
import { createLog } from '../../src/log/log.ts'
import type { PodPlan } from '../../src/world/population.ts'
import { startWorld, type World } from '../../src/world/world.ts'
import { until } from '../cluster/support/shell.ts'
import { Paging } from './support/paging.ts'
import type { Alert } from './support/receiver.ts'

// A cluster whose issuer fails. Its SVIDs live for 3 minutes, and one of them is due for renewal every 2.5 s.
const cluster = 'restarted'
const isOnRestartedNode = (index: number) => [44, 41, 38].includes(index)
const pods: readonly PodPlan[] = Array.from({ length: 48 }, (_, index) => ({
  namespace: 'shop',
  name: `cart-${index}`,
  serviceAccount: 'cart',
  node: isOnRestartedNode(index) ? 'node-1' : 'node-2',
  fate: 'healthy',
}))
const stranded = pods.filter((_, index) => isOnRestartedNode(index)).map(({ name }) => name)

let paging: Paging
let world: World
const started = new AsyncDisposableStack()

beforeAll(async () => {
  paging = started.use(await Paging.start())
  world = await startWorld({ clock, root: tmpdir(), pods })
  started.defer(() => world.close())
  const log = createLog({ level: 'error', format: 'json', clock })
  const app = await startSvidwatch(world, { clock, log, version: '0.0.0', port: 0, probePort: 0 })
  started.defer(() => app.close())
  await paging.addPrometheus(cluster, new URL(app.url).host)
})

afterAll(() => started.disposeAsync())

/** The alerts of all notifications to who is on call, in order. */
const told = () => paging.notifications(cluster, 'on-call').flatMap(({ alerts }) => alerts)
const podsIn = (alerts: readonly Alert[]) => new Set(alerts.map(({ labels }) => labels['pod']))
const isOfPod = ({ status, labels }: Alert) => status === 'firing' && labels['pod'] !== undefined

/** The alerts that fire by what was told of each last. That of an incident goes on for five minutes, so that a gap is no second page. */
function stillFiring(): readonly Alert[] {
  const last = new Map(told().map((alert) => [JSON.stringify(alert.labels), alert]))
  const isIncident = ({ labels }: Alert) => labels['alertname'] === 'SPIFFEIncident'
  return [...last.values()].filter((alert) => alert.status === 'firing' && !isIncident(alert))
}

const when = (isSo: () => boolean) => () => Promise.resolve(isSo() || undefined)

/** How long it takes until a page is told of an alert that joins its group, or ends, with some seconds until rules are evaluated. */
const updateSeconds = 60 + 15

test('mounts that a restart during an outage leaves dead are paged by name after the outage, until their pods are replaced', async () => {
  world.stopIssuer()
  await until(
    'a page of the issuer',
    100,
    when(() => paging.pages(cluster, 'SVIDIssuanceDown').length > 0),
  )
  await world.restartDriver('node-1')
  world.startIssuer()
  // The first pods may have been named before the other ones showed that it is the issuer.
  const before = told().length
  const named = () => podsIn(told().slice(before).filter(isOfPod))

  // The outage explains dead mounts for as long as their requests had waited. The alert of the issuer lasts longer, because
  // alerts are held while svidwatch has just been started.
  await until(
    'a page of a pod with a dead mount',
    75,
    when(() => named().size > 0),
  )
  expect(stillFiring().map(({ labels }) => labels['alertname'])).toContain('SVIDIssuanceDown')
  await until(
    'pages of all pods with dead mounts',
    updateSeconds,
    when(() => stranded.every((pod) => named().has(pod))),
  )
  await Promise.all(stranded.map((pod) => world.replacePod(pod)))
  // The end of an alert that comes just after an update is told with the next one, if the machine is slow.
  await until(
    'the end of all pages',
    2 * updateSeconds,
    when(() => stillFiring().length === 0),
  )
  expect(named()).toEqual(new Set(stranded))
}, 420_000)
