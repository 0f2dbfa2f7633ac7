import { expect, onTestFinished, test, vi } from 'vitest'
import type { Clock } from '../../../../src/clock.ts'
import type { KubernetesObject } from '../../../../src/world/apiServer/object.ts'
import { createClientFromText, type KubernetesClient } from '../../../../src/kubernetes/client.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import { createCsiNodes } from '../../../../src/sources/clusterObjects/csiNodes.ts'
import { createNamespaces } from '../../../../src/sources/clusterObjects/namespaces.ts'
import { createNodes } from '../../../../src/sources/clusterObjects/nodes.ts'
import type { Source } from '../../../../src/sources/source.ts'
import { fixtureText } from '../../../support/fixtures.ts'
import { startTestApi } from '../../../support/testApi.ts'

/** The API server answers over real sockets, and the machine may be busy. */
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 10_000 })

interface Parts {
  readonly client: KubernetesClient
  readonly clock: Clock
  readonly pageSize: number
}

/** A source over an embedded API server in which `existing` are there before it starts. */
async function watching(create: (parts: Parts) => Source, resource: string, existing: readonly KubernetesObject[]) {
  const api = await startTestApi()
  const stored = existing.map((object) => api.store.create(resource, object))
  const client = createClientFromText(api.server.kubeconfig, api.clock)
  const source = create({ client, clock: api.clock, pageSize: 500 })
  const seen: Observation[] = []
  /** What was told of objects. */
  const objects = () => seen.filter(({ kind }) => kind !== 'contact')
  const end = new AbortController()
  source.start((observation) => seen.push(observation), end.signal)
  onTestFinished(async () => {
    end.abort()
    await source.close()
    client.close()
    await api.close()
  })
  const uids = stored.map(({ metadata }) => metadata.uid)
  await eventually(() => expect(seen.at(-1)).toMatchObject({ kind: 'contact' }))
  return { store: api.store, seen, objects, uids }
}

const namespace = (name: string, labels: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
})

test('a namespace expects SVIDs by its label and its value, at present', async () => {
  const label = 'example.com/svids'
  const create = (parts: Parts) => createNamespaces({ ...parts, namespaceLabel: label })
  const { store, seen, objects, uids } = await watching(create, 'namespaces', [
    namespace('team-a', { [label]: 'expected' }),
    namespace('team-b', { [label]: 'no' }),
    namespace('team-c', { 'svidwatch.io/svids': 'expected' }),
  ])
  const source = 'namespaces'
  expect(seen).toMatchObject([
    { kind: 'listing', source },
    { kind: 'namespace', namespace: { uid: uids[0], name: 'team-a', expectsSvids: true } },
    { kind: 'namespace', namespace: { uid: uids[1], name: 'team-b', expectsSvids: false } },
    { kind: 'namespace', namespace: { uid: uids[2], name: 'team-c', expectsSvids: false } },
    { kind: 'listed', source },
    { kind: 'contact', source },
  ])

  const { metadata } = store.get('namespaces', undefined, 'team-a') ?? namespace('team-a')
  store.update('namespaces', { ...namespace('team-a'), metadata: { ...metadata, labels: {} } })
  await eventually(() =>
    expect(objects().at(-1)).toEqual({
      kind: 'namespace',
      namespace: { uid: uids[0], name: 'team-a', expectsSvids: false },
    }),
  )
})

test('a namespace is muted by its annotation, at present', async () => {
  const create = (parts: Parts) => createNamespaces({ ...parts, namespaceLabel: 'svidwatch.io/svids' })
  const annotated = (name: string, page: string) => {
    const { metadata, ...rest } = namespace(name)
    return { ...rest, metadata: { ...metadata, annotations: { 'svidwatch.io/page': page } } }
  }
  const { store, objects, uids } = await watching(create, 'namespaces', [
    annotated('sandbox', 'never'),
    annotated('shop', 'always'),
  ])
  expect(objects().slice(1, 3)).toEqual([
    { kind: 'namespace', namespace: { uid: uids[0], name: 'sandbox', expectsSvids: false, muted: true } },
    { kind: 'namespace', namespace: { uid: uids[1], name: 'shop', expectsSvids: false } },
  ])

  const { metadata } = store.get('namespaces', undefined, 'sandbox') ?? namespace('sandbox')
  store.update('namespaces', { ...namespace('sandbox'), metadata: { ...metadata, annotations: {} } })
  await eventually(() =>
    expect(objects().at(-1)).toEqual({
      kind: 'namespace',
      namespace: { uid: uids[0], name: 'sandbox', expectsSvids: false },
    }),
  )
})

const node = (name: string): KubernetesObject => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } })

test('a node comes and goes with its uid, which tells it from a later one of its name', async () => {
  const { store, seen, objects, uids } = await watching(createNodes, 'nodes', [node('node-1')])
  expect(seen[1]).toEqual({ kind: 'node', node: { uid: uids[0], name: 'node-1' } })

  store.delete('nodes', undefined, 'node-1')
  const { metadata } = store.create('nodes', node('node-1'))
  await eventually(() =>
    expect(objects().slice(-2)).toEqual([
      { kind: 'nodeDeleted', uid: uids[0] },
      { kind: 'node', node: { uid: metadata.uid, name: 'node-1' } },
    ]),
  )
  expect(metadata.uid).not.toBe(uids[0])
})

/** The recorded CSINode of a node on which csi-driver-spiffe has registered. */
function recordedCsiNode(): KubernetesObject {
  const { items } = JSON.parse(fixtureText('csi/csinode-csidriver.json')) as { readonly items: KubernetesObject[] }
  const found = items.find(({ kind }) => kind === 'CSINode')
  if (found === undefined) throw new Error('the recording has no CSINode')
  return { ...found, metadata: { ...found.metadata, uid: undefined } }
}

const agents = [
  { name: 'csi-driver-spiffe', driver: 'spiffe.csi.cert-manager.io', podLabels: { app: 'a' } },
  { name: 'spire-agent', driver: 'csi.spiffe.io', podLabels: { app: 'b' } },
]

test('a CSINode tells which agents have registered on its node', async () => {
  const create = (parts: Parts) => createCsiNodes({ ...parts, agents })
  const csiNode = recordedCsiNode()
  const { store, seen, objects, uids } = await watching(create, 'csinodes', [csiNode])
  expect(seen[1]).toEqual({
    kind: 'csiNode',
    csiNode: { uid: uids[0], name: 'node-1', agents: ['csi-driver-spiffe'] },
  })

  const registered = (...drivers: string[]) => {
    const { metadata } = store.get('csinodes', undefined, 'node-1') ?? csiNode
    store.update('csinodes', { ...csiNode, metadata, spec: { drivers: drivers.map((name) => ({ name })) } })
  }
  registered('ebs.csi.aws.com', 'csi.spiffe.io')
  registered()
  store.delete('csinodes', undefined, 'node-1')
  await eventually(() =>
    expect(objects().slice(-3)).toEqual([
      { kind: 'csiNode', csiNode: { uid: uids[0], name: 'node-1', agents: ['spire-agent'] } },
      { kind: 'csiNode', csiNode: { uid: uids[0], name: 'node-1', agents: [] } },
      { kind: 'csiNodeDeleted', uid: uids[0] },
    ]),
  )
})

test('a CSINode whose drivers cannot be read is refused alone', async () => {
  const create = (parts: Parts) => createCsiNodes({ ...parts, agents })
  const csiNode = recordedCsiNode()
  const broken = { ...csiNode, metadata: { name: 'node-0' }, spec: { drivers: [{ name: 7 }] } }
  const { seen } = await watching(create, 'csinodes', [broken, csiNode])
  expect(seen.slice(1, 4)).toMatchObject([
    {
      kind: 'rejected',
      source: 'csiNodes',
      reason: 'malformed_object',
      where: 'node-0',
      detail: 'spec.drivers[0].name must be a string',
    },
    { kind: 'unread', source: 'csiNodes' },
    { kind: 'csiNode', csiNode: { name: 'node-1' } },
  ])
})
