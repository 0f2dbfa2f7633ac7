import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'
import { ConfigMapStore } from '../../../src/checkpoint/configMapStore.ts'
import { createClientFromText, type KubernetesClient } from '../../../src/kubernetes/client.ts'
import { KubernetesError } from '../../../src/kubernetes/kubernetesError.ts'
import { startApiServer } from '../../../src/world/apiServer/server.ts'
import { configMap, startTestApi, type TestApi } from '../../support/testApi.ts'

const signal = new AbortController().signal
const [namespace, name] = ['monitoring', 'svidwatch-state']
let api: TestApi
let client: KubernetesClient

beforeEach(async () => {
  api = await startTestApi()
  client = createClientFromText(api.server.kubeconfig, api.clock)
})
afterEach(async () => {
  client.close()
  await api.close()
})

/** Returns the client with the statuses of the requests that the API server refuses. */
function countRefusals(of: KubernetesClient) {
  const statuses: (number | undefined)[] = []
  const counted: Pick<KubernetesClient, 'request'> = {
    request: (...call) =>
      of.request(...call).catch((error: unknown) => {
        if (error instanceof KubernetesError) statuses.push(error.status)
        throw error
      }),
  }
  return { counted, statuses }
}

const stored = () => api.store.get('configmaps', namespace, name)

/** The store of a process that has just started and loaded what is there. */
async function startedStore(): Promise<ConfigMapStore> {
  const store = new ConfigMapStore(client, namespace, name)
  await store.load('memory.json', signal)
  return store
}

it('makes the ConfigMap where there is none', async () => {
  const store = await startedStore()
  expect(await store.load('memory.json', signal)).toEqual({ text: undefined })
  await store.save('memory.json', () => 'text', signal)
  expect(stored()).toMatchObject({
    metadata: { labels: { 'app.kubernetes.io/name': 'svidwatch' } },
    data: { 'memory.json': 'text' },
  })
  expect(await store.load('memory.json', signal)).toEqual({ text: 'text' })
})

it('takes an empty ConfigMap of somebody else for an empty state, and needs no right to create one', async () => {
  const labels = { 'app.kubernetes.io/name': 'watcher', 'app.kubernetes.io/managed-by': 'Helm' }
  const annotations = { 'meta.helm.sh/release-name': 'watcher' }
  const metadata = { name, namespace, labels, annotations }
  api.store.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata })
  const resourceNames = [name]
  const right = { namespace, apiGroups: [''], resources: ['configmaps'], resourceNames, verbs: ['get', 'update'] }
  const server = await startApiServer({ clock: api.clock, store: api.store, rights: [right] })
  onTestFinished(() => server.close())
  const limited = createClientFromText(server.kubeconfig, api.clock)
  onTestFinished(() => limited.close())

  const store = new ConfigMapStore(limited, namespace, name)
  expect(await store.load('memory.json', signal)).toEqual({ text: undefined })
  expect(await store.save('memory.json', () => 'text', signal)).toBe('saved')
  expect(await store.save('checkpoint.json', () => 'more', signal)).toBe('saved')
  expect(stored()).toMatchObject({ data: { 'memory.json': 'text', 'checkpoint.json': 'more' } })
  expect(stored()?.metadata).toMatchObject({ labels, annotations })
})

it('leaves alone what others have put into the ConfigMap', async () => {
  const made = configMap(name, { other: '1' }, namespace)
  const metadata = { ...made.metadata, labels: { team: 'platform' }, annotations: { owner: 'helm' } }
  api.store.create('configmaps', { ...made, metadata })
  await (await startedStore()).save('memory.json', () => 'text', signal)
  expect(stored()).toMatchObject({
    metadata: { labels: { team: 'platform' }, annotations: { owner: 'helm' } },
    data: { other: '1', 'memory.json': 'text' },
  })
})

it('of two processes, neither takes anything from the other', async () => {
  const [first, second] = [await startedStore(), await startedStore()]
  const add =
    (letter: string) =>
    (text = '') =>
      text + letter
  await first.save('checkpoint.json', add('a'), signal)
  await second.save('memory.json', add('b'), signal)
  await first.save('memory.json', add('c'), signal)
  await second.save('checkpoint.json', add('d'), signal)
  expect(stored()).toMatchObject({ data: { 'checkpoint.json': 'ad', 'memory.json': 'bc' } })
})

it('takes both parts of one process at the same time, and the process never conflicts with itself', async () => {
  const { counted, statuses } = countRefusals(client)
  const store = new ConfigMapStore(counted, namespace, name)
  for (let round = 0; round < 20; round++) {
    const texts = { 'checkpoint.json': `a${round}`, 'memory.json': `b${round}` }
    const save = (part: keyof typeof texts) => store.save(part, () => texts[part], signal)
    expect(await Promise.all([save('checkpoint.json'), save('memory.json')])).toEqual(['saved', 'saved'])
    expect(stored()).toMatchObject({ data: texts })
  }
  expect(statuses).toEqual([])
})

it('goes on with the other part where one could not be written', async () => {
  const store = await startedStore()
  const ended = AbortSignal.abort(new Error('too late'))
  const saves = [store.save('checkpoint.json', () => 'a', ended), store.save('memory.json', () => 'b', signal)]
  expect(await Promise.allSettled(saves)).toMatchObject([{ status: 'rejected' }, { value: 'saved' }])
  expect(stored()?.data).toEqual({ version: '1', 'memory.json': 'b' })
})

it('writes nothing where what is stored is to stay, also where that comes out late', async () => {
  const [first, second] = [await startedStore(), await startedStore()]
  await first.save('memory.json', () => 'first', signal)
  const keep = (text: string | undefined) => (text === 'first' ? undefined : 'second')
  expect(await second.save('memory.json', keep, signal)).toBe('behind')
  expect(await second.save('memory.json', keep, signal)).toBe('behind')
  expect(stored()).toMatchObject({ data: { 'memory.json': 'first' } })
})

it('is made again where it was deleted', async () => {
  const store = await startedStore()
  await store.save('memory.json', () => 'before', signal)
  api.store.delete('configmaps', namespace, name)
  expect(await store.save('checkpoint.json', () => 'after', signal)).toBe('saved')
  expect(stored()?.data).toEqual({ version: '1', 'checkpoint.json': 'after' })
})

it('says so where the API server cannot be asked', async () => {
  const store = await startedStore()
  await api.close()
  await expect(store.load('memory.json', signal)).rejects.toMatchObject({ code: 'unreachable' })
  await expect(store.save('memory.json', () => 'text', signal)).rejects.toMatchObject({ code: 'unreachable' })
})
