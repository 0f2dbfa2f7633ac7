import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { App } from '../../../src/app/app.ts'
import { nodeRoleService, writeFindingsKeys } from '../../../src/world/nodeRoles.ts'
import { createClientFromText } from '../../../src/kubernetes/client.ts'
import { familiesIn } from '../../support/exposition.ts'
import { metricsOf, runningApp, values, type LogLine } from '../../support/runningApp.ts'
import { worldOnHold, type WorldOnHold } from '../../support/worldOnHold.ts'

/** The roles of svidwatch over one world, each a process of its own as far as they can tell. */
async function rolesOver({ world, clock }: WorldOnHold) {
  const { signingKey, publicKeys } = await writeFindingsKeys(world.folder)
  const service = `${nodeRoleService.namespace}/${nodeRoleService.name}`
  return {
    publicKeys,
    startCluster: (logged?: LogLine[]): Promise<App> => {
      const client = createClientFromText(world.api.kubeconfig, clock)
      return runningApp(['cluster'], { nodeFindings: { service, signingKey } }, { clock, client }, logged)
    },
    /** `filesOf`: the node whose files it reads, `url`: where it is to answer. */
    startNode: async (nodeName: string, { filesOf = nodeName, url = 'http://127.0.0.1:0' } = {}): Promise<App> => {
      const server = { address: '127.0.0.1', port: Number(new URL(url).port), probePort: 0 }
      const mountedSvids = { kubeletRoot: join(world.folder, filesOf) }
      return runningApp(['node'], { server, mountedSvids, nodeFindings: { publicKeys } }, { clock, nodeName })
    },
  }
}

const mounted = (text: string, ...labels: string[]) =>
  values(text, 'spire_svid_expiry_seconds', 'copy="mounted"', ...labels)

test('the cluster role exports what the node roles see, and they only their own health', async () => {
  const held = await worldOnHold([{ name: 'cart-0' }, { name: 'cart-1', node: 'node-2' }])
  const { startCluster, startNode } = await rolesOver(held)
  const nodes = { 'node-1': await startNode('node-1'), 'node-2': await startNode('node-2') }
  for (const [name, { url }] of Object.entries(nodes)) held.world.addNodeRole(name, url)
  const cluster = await startCluster()
  await held.until(async () => {
    const text = await metricsOf(cluster)
    expect(mounted(text, 'pod="cart-0"', 'node="node-1"')).toHaveLength(1)
    expect(mounted(text, 'pod="cart-1"', 'node="node-2"')).toHaveLength(1)
    expect(values(text, 'svidwatch_node_up')).toEqual([1, 1])
    expect(values(text, 'spire_agent_up', 'agent="csi-driver-spiffe"')).toEqual([1, 1])
    expect((await fetch(`${cluster.probeUrl}/readyz`)).status).toBe(200)
  })
  const ofNode = await metricsOf(nodes['node-1'])
  expect(values(ofNode, 'svidwatch_findings_followers')).toEqual([1])
  expect(familiesIn(ofNode).filter((name) => !/^(svidwatch|process)_/.test(name))).toEqual([])
  expect((await fetch(`${cluster.url}/api/v1/problems`)).status).toBe(200)
  expect((await fetch(`${nodes['node-1'].url}/api/v1/problems`)).status).toBe(404)
})

test('a node role that listens where it does by default is followed at its IPv6 address', async () => {
  const held = await worldOnHold([{ name: 'cart-0' }])
  const { startCluster, publicKeys } = await rolesOver(held)
  const settings = { server: { port: 0, probePort: 0 }, mountedSvids: { kubeletRoot: held.kubeletRoot } }
  const dependencies = { clock: held.clock, nodeName: 'node-1' }
  const { url } = await runningApp(['node'], { ...settings, nodeFindings: { publicKeys } }, dependencies)
  held.world.addNodeRole('node-1', `http://[::1]:${new URL(url).port}`)
  const cluster = await startCluster()
  await held.until(async () => expect(mounted(await metricsOf(cluster), 'pod="cart-0"')).toHaveLength(1))
})

test('a node role that is killed keeps its series, is named, and is followed again when it is back', async () => {
  const held = await worldOnHold([{ name: 'cart-0' }])
  const { startCluster, startNode } = await rolesOver(held)
  const node = await startNode('node-1')
  held.world.addNodeRole('node-1', node.url)
  const logged: LogLine[] = []
  const cluster = await startCluster(logged)
  const up = async () => values(await metricsOf(cluster), 'svidwatch_node_up', 'node="node-1"')
  await held.until(async () => expect(await up()).toEqual([1]))
  await node.close()
  await held.until(async () => expect(await up()).toEqual([0]))
  expect(mounted(await metricsOf(cluster), 'pod="cart-0"')).toHaveLength(1)
  expect(logged.some(({ event, message }) => event === 'node_trouble' && message.includes('node-1'))).toBe(true)
  await startNode('node-1', { url: node.url })
  await held.until(async () => expect(await up()).toEqual([1]))
})

test('a cluster role that is killed leaves nothing behind that the next one needs', async () => {
  const held = await worldOnHold([{ name: 'cart-0' }])
  const { startCluster, startNode } = await rolesOver(held)
  held.world.addNodeRole('node-1', (await startNode('node-1')).url)
  for (const attempt of ['first', 'second', 'third']) {
    const cluster = await startCluster()
    await held.until(async () => expect(mounted(await metricsOf(cluster)), attempt).toHaveLength(1))
    await cluster.close()
  }
})

test('a node role that claims the pods of another node is refused, counted and named', async () => {
  const held = await worldOnHold([{ name: 'cart-0' }])
  const { startCluster, startNode } = await rolesOver(held)
  held.world.addNodeRole('node-1', (await startNode('node-1')).url)
  held.world.addNodeRole('node-2', (await startNode('node-2', { filesOf: 'node-1' })).url)
  const logged: LogLine[] = []
  const cluster = await startCluster(logged)
  await held.until(async () => {
    const text = await metricsOf(cluster)
    expect(values(text, 'svidwatch_rejected_inputs_total', 'source="nodeFindings"', 'wrong_node')).toEqual([1])
    expect(values(text, 'svidwatch_node_refused_findings', 'node="node-2"')).toEqual([1])
    expect(mounted(text).length).toBe(1)
    expect(mounted(text, 'node="node-1"').length).toBe(1)
  })
  const refusal = logged.filter(({ event }) => event === 'rejected')
  expect(refusal).toMatchObject([{ message: expect.stringMatching(/node-2.*shop\/cart-0/) as string }])
})

test('tokens of a key that a node does not know are refused, until the key is added to its file', async () => {
  const held = await worldOnHold([{ name: 'cart-0' }])
  const { startCluster, startNode, publicKeys } = await rolesOver(held)
  const node = await startNode('node-1')
  held.world.addNodeRole('node-1', node.url)
  const old = await readFile(publicKeys, 'utf8')
  await writeFindingsKeys(held.world.folder)
  const young = await readFile(publicKeys, 'utf8')
  const refused = async () => values(await metricsOf(node), 'svidwatch_findings_refused_total', '"unknown_key"')
  await writeFile(publicKeys, old)
  const cluster = await startCluster()
  await held.until(async () => expect((await refused())[0]).toBeGreaterThan(0))
  await writeFile(publicKeys, old + young)
  await held.until(async () => expect(mounted(await metricsOf(cluster))).toHaveLength(1))
})

test('a node role in the process of its cluster role offers its findings to nobody else, and says nothing of that', async () => {
  const { world, clock, kubeletRoot, until } = await worldOnHold([{}])
  const logged: LogLine[] = []
  const client = createClientFromText(world.api.kubeconfig, clock)
  const app = await runningApp(['cluster', 'node'], { mountedSvids: { kubeletRoot } }, { clock, client }, logged)
  await until(async () => expect(mounted(await metricsOf(app))).toHaveLength(1))
  expect(logged.filter(({ event }) => event === 'findings_not_offered')).toEqual([])
})

test.each([
  ['no public keys are set', {}, 'findings_not_offered', /not offered: set nodeFindings\.publicKeys/],
  ['their file is missing', { publicKeys: '/nowhere/public.pem' }, 'keys_unreadable', /\/nowhere\/public\.pem/],
])('a node role says so where %s, and runs', async (_, nodeFindings, event, message) => {
  const { clock, kubeletRoot, until } = await worldOnHold([{}])
  const logged: LogLine[] = []
  const settings = { mountedSvids: { kubeletRoot }, nodeFindings }
  const node = await runningApp(['node'], settings, { clock, nodeName: 'node-1' }, logged)
  await until(async () => expect(values(await metricsOf(node), 'svidwatch_source_up')).toEqual([1]))
  expect(logged.filter((line) => line.event === event)).toMatchObject([
    { message: expect.stringMatching(message) as string },
  ])
})
