import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createClientFromText } from '../../../src/kubernetes/client.ts'
import { nodeRoleService } from '../../../src/world/nodeRoles.ts'
import { startApiServer } from '../../../src/world/apiServer/server.ts'
import { eventually } from '../../support/eventually.ts'
import { metricsOf, runningApp, values, type LogLine } from '../../support/runningApp.ts'
import { startTestApi } from '../../support/testApi.ts'
import { worldOnHold } from '../../support/worldOnHold.ts'

const signingSecret = 'svidwatch/svidwatch-signing-key'
const publicKeysConfigMap = 'svidwatch-node/svidwatch-public-keys'
const nodeFindings = {
  service: `${nodeRoleService.namespace}/${nodeRoleService.name}`,
  signingSecret,
  publicKeysConfigMap,
}

const [secrets, configMaps] = [
  ['secrets', signingSecret],
  ['configmaps', publicKeysConfigMap],
].map(([plural, reference = '']) => {
  const [namespace = '', name] = reference.split('/')
  return `/api/v1/namespaces/${namespace}/${plural}/${name}`
}) as [string, string]

const empty = (kind: string, reference: string) => {
  const [namespace = '', name = ''] = reference.split('/')
  return { apiVersion: 'v1', kind, metadata: { namespace, name } }
}

test('a cluster role makes the keys once, node roles accept them, and its log has nothing of the private one', async () => {
  const requests: string[] = []
  const access = { onRequest: (method: string, url: string) => void requests.push(`${method} ${url}`) }
  const { world, clock, until } = await worldOnHold([{ name: 'cart-0' }], {}, access)
  const get = async (path: string) => {
    const headers = { authorization: `Bearer ${world.api.token}` }
    const answer = await fetch(world.api.url + path, { headers })
    return ((await answer.json()) as { data?: Readonly<Record<string, string>> }).data ?? {}
  }
  const create = (collection: string, object: object) =>
    fetch(world.api.url + collection, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.api.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(object),
    })
  await create(secrets.replace(/\/[^/]+$/, ''), empty('Secret', signingSecret))
  await create(configMaps.replace(/\/[^/]+$/, ''), empty('ConfigMap', publicKeysConfigMap))
  requests.length = 0

  const logged: LogLine[] = []
  const startCluster = () => {
    const client = createClientFromText(world.api.kubeconfig, clock)
    return runningApp(['cluster'], { nodeFindings, log: { level: 'debug' } }, { clock, client }, logged)
  }
  const first = await startCluster()
  await until(async () => expect(await get(configMaps)).toHaveProperty(['public.pem']))
  await first.close()
  const publicKeys = join(world.folder, 'public.pem')
  await writeFile(publicKeys, (await get(configMaps))['public.pem'] ?? '')
  const settings = { mountedSvids: { kubeletRoot: join(world.folder, 'node-1') }, nodeFindings: { publicKeys } }
  const node = await runningApp(['node'], settings, { clock, nodeName: 'node-1' })
  world.addNodeRole('node-1', node.url)

  const second = await startCluster()
  await until(async () => expect(values(await metricsOf(second), 'svidwatch_node_up')).toEqual([1]))
  const puts = requests.filter((request) => request.startsWith('PUT ') && !request.includes('svidwatch-state'))
  expect(puts).toEqual([`PUT ${secrets}`, `PUT ${configMaps}`])
  expect(requests.filter((request) => request.includes('/secrets') && !request.endsWith(secrets))).toEqual([])
  const [, pem = ''] = Buffer.from((await get(secrets))['key.pem'] ?? '', 'base64')
    .toString()
    .split('\n')
  expect(pem).toMatch(/^[\w+/=]{60,}$/)
  expect(JSON.stringify(logged)).not.toContain(pem)
})

test('without an API server, a cluster role starts, is ready and says once what it waits for', async () => {
  const api = await startTestApi()
  const { clock, store, server } = api
  const client = createClientFromText(server.kubeconfig, clock)
  await api.close()
  const logged: LogLine[] = []
  const app = await runningApp(['cluster'], { nodeFindings }, { clock, client }, logged)
  const up = async () => values(await metricsOf(app), 'svidwatch_source_up', 'source="nodeFindings"')
  const until = (check: () => unknown) =>
    eventually(async () => {
      await clock.advance(1_000)
      await check()
    })
  await until(async () => expect((await fetch(`${app.probeUrl}/readyz`)).status).toBe(200))
  await until(async () => expect(await up()).toEqual([0]))
  const lines = logged.filter(({ event, message }) => event.startsWith('source_') && message.includes('signing-key'))
  expect(lines).toMatchObject([
    { level: 'warn', message: expect.stringMatching(/^nodeFindings: Secret \S+ cannot be read: GET/) as string },
  ])
  const errors = await metricsOf(app)
  expect(values(errors, 'svidwatch_source_errors_total', 'source="nodeFindings"', 'unreachable')[0]).toBeGreaterThan(1)

  store.create('secrets', empty('Secret', signingSecret))
  store.create('configmaps', empty('ConfigMap', publicKeysConfigMap))
  const port = Number(new URL(server.url).port)
  const again = await startApiServer({ clock, store, token: server.token, port })
  onTestFinished(() => again.close())
  await until(async () => expect(await up()).toEqual([1]))
})

test('while the public key cannot be published, the source is down and says why, whatever else it sees', async () => {
  const api = await startTestApi()
  onTestFinished(() => api.close())
  const { clock, store, server } = api
  store.create('secrets', empty('Secret', signingSecret))
  const logged: LogLine[] = []
  const client = createClientFromText(server.kubeconfig, clock)
  const app = await runningApp(['cluster'], { nodeFindings }, { clock, client }, logged)
  const up = async () => values(await metricsOf(app), 'svidwatch_source_up', 'source="nodeFindings"')
  const about = () =>
    logged.flatMap(({ event, message }) =>
      event.startsWith('source_') && message.startsWith('nodeFindings:') ? [message] : [],
    )
  const fault = `nodeFindings: ConfigMap ${publicKeysConfigMap} does not exist: create it without data, svidwatch fills it`
  await eventually(() => expect(about()).toEqual([fault]))
  for (let second = 0; second < 5; second++) {
    await clock.advance(1_000)
    expect(await up()).toEqual([0])
  }
  store.create('configmaps', empty('ConfigMap', publicKeysConfigMap))
  await eventually(async () => {
    await clock.advance(1_000)
    expect(await up()).toEqual([1])
  })
  expect(about()).toEqual([fault, 'nodeFindings: can be read again'])
})
