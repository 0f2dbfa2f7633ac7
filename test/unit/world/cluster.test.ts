import { expect, test } from 'vitest'
import { resolveConfig } from '../../../src/config/resolve.ts'
import type { KubernetesObject } from '../../../src/world/apiServer/object.ts'
import { population } from '../../../src/world/population.ts'
import type { World } from '../../../src/world/world.ts'
import { podProjection } from '../../../src/sources/pods/projection.ts'
import { fixtureText } from '../../support/fixtures.ts'
import { worldOnHold } from '../../support/worldOnHold.ts'

async function list({ api }: World, path: string): Promise<KubernetesObject[]> {
  const answer = await fetch(api.url + path, { headers: { authorization: `Bearer ${api.token}` } })
  return ((await answer.json()) as { items: KubernetesObject[] }).items
}

/** The pods of the demo as svidwatch reads them with its default settings. */
async function podsAsRead(world: World) {
  const resolved = resolveConfig(undefined, 'the defaults')
  if ('problems' in resolved) throw new Error(resolved.problems.join('\n'))
  const { drivers, agents, coverage } = resolved.config
  const read = podProjection({ drivers: drivers.map(({ name }) => name), agents, agentSockets: coverage.agentSockets })
  return (await list(world, '/api/v1/pods')).map(read)
}

test('the API has the nodes, with the uids that requests are made with', async () => {
  const { world } = await worldOnHold([{ node: 'node-2' }])
  const nodes = await list(world, '/api/v1/nodes')
  expect(nodes.map(({ metadata }) => metadata.name)).toEqual(['node-1', 'node-2', 'node-3'])
  const [request] = await list(world, '/apis/cert-manager.io/v1/certificaterequests')
  expect(request).toMatchObject({
    spec: { extra: { 'authentication.kubernetes.io/node-uid': [nodes[1]?.metadata.uid] } },
  })
})

test('a node with the driver is registered as a recorded one, and one without has no driver', async () => {
  const { world } = await worldOnHold([{}])
  const [recorded] = (JSON.parse(fixtureText('csi/csinode-csidriver.json')) as { items: KubernetesObject[] }).items
  const [first, second, third] = await list(world, '/apis/storage.k8s.io/v1/csinodes')
  expect(first?.['spec']).toEqual(recorded?.['spec'])
  expect(second?.['spec']).toMatchObject({ drivers: [{ nodeID: 'node-2' }] })
  expect(third).toMatchObject({ metadata: { name: 'node-3' }, spec: { drivers: null } })
})

test('the agents are ready on two nodes, and a third one needs one', async () => {
  const { world } = await worldOnHold(population)
  const pods = await podsAsRead(world)
  const agents = pods.filter(({ agent }) => agent !== undefined).map(({ node, agent }) => ({ node, agent }))
  const agent = { name: 'csi-driver-spiffe', ready: true }
  expect(agents).toEqual([
    { node: 'node-1', agent },
    { node: 'node-2', agent },
  ])
  const needing = new Set(pods.filter(({ needs }) => needs.includes(agent.name)).map(({ node }) => node))
  expect([...needing].sort()).toEqual(['node-1', 'node-2', 'node-3'])
})

test('some pods have no volume for an SVID: in a namespace that expects SVIDs, and with hostPID', async () => {
  const { world } = await worldOnHold(population)
  const bare = (await podsAsRead(world)).filter(({ volumes, agent }) => volumes.length === 0 && agent === undefined)
  expect(bare).toMatchObject([
    { namespace: 'legacy', posture: [] },
    { namespace: 'platform', posture: ['host_pid'] },
  ])
  const expecting = await list(world, '/api/v1/namespaces?labelSelector=svidwatch.io/svids%3Dexpected')
  expect(expecting.map(({ metadata }) => metadata.name)).toEqual(['legacy'])
})

test('every pod is in a namespace that there is', async () => {
  const { world } = await worldOnHold(population)
  const namespaces = (await list(world, '/api/v1/namespaces')).map(({ metadata }) => metadata.name)
  for (const { namespace } of await podsAsRead(world)) expect(namespaces).toContain(namespace)
})

test('a node role becomes an endpoint of its Service', async () => {
  const { world } = await worldOnHold([{}])
  world.addNodeRole('node-2', 'http://127.0.0.1:4321')
  const path = '/apis/discovery.k8s.io/v1/namespaces/svidwatch-node/endpointslices'
  expect(await list(world, `${path}?labelSelector=kubernetes.io/service-name%3Danother`)).toEqual([])
  expect(await list(world, `${path}?labelSelector=kubernetes.io/service-name%3Dsvidwatch-node`)).toMatchObject([
    { endpoints: [{ addresses: ['127.0.0.1'], nodeName: 'node-2' }], ports: [{ name: 'metrics', port: 4321 }] },
  ])
})
