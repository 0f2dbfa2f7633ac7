import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigMapStore } from '../../../src/checkpoint/configMapStore.ts'
import { createClientFromText, type KubernetesClient } from '../../../src/kubernetes/client.ts'
import type { Checkpoint } from '../../../src/ledger/checkpoint.ts'
import { Totals } from '../../../src/ledger/totals.ts'
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

/** Who has written it stands in the list of open requests. */
const checkpoint = (resourceVersion: string, writer: string): Checkpoint => ({
  resourceVersion,
  totals: new Totals().snapshot(),
  open: [writer],
  newestCreatedMs: 0,
})

/** The store of a process that has just started and loaded what is there. */
async function startedStore(): Promise<ConfigMapStore> {
  const store = new ConfigMapStore(client, namespace, name)
  await store.load(signal)
  return store
}

/** What a process that starts now finds. */
async function found(): Promise<unknown> {
  const loaded = await new ConfigMapStore(client, namespace, name).load(signal)
  return 'checkpoint' in loaded ? loaded.checkpoint : loaded
}

it('is empty where there is no ConfigMap, or one without a checkpoint', async () => {
  expect(await found()).toBeUndefined()
  api.store.create('configmaps', configMap(name, { other: '1' }, namespace))
  expect(await found()).toBeUndefined()
})

describe.each([
  ['neither found one', false],
  ['both found one', true],
])('of two processes where %s', (_, exists) => {
  it.each([
    ['later', '100', 'saved', 'second'],
    ['the same', '99', 'saved', 'second'],
    ['earlier', '98', 'behind', 'first'],
    ['earlier, with fewer digits,', '9', 'behind', 'first'],
  ])('one with %s position after the other', async (_case, position, outcome, writer) => {
    if (exists) await (await startedStore()).save(checkpoint('5', 'before'), signal)
    const [first, second] = [await startedStore(), await startedStore()]
    expect(await first.save(checkpoint('99', 'first'), signal)).toBe('saved')
    expect(await second.save(checkpoint(position, 'second'), signal)).toBe(outcome)
    expect(await found()).toMatchObject({ open: [writer] })
  })
})

it('writes over what somebody has edited', async () => {
  const store = await startedStore()
  await store.save(checkpoint('5', 'before'), signal)
  api.store.update('configmaps', configMap(name, { 'checkpoint.json': 'nonsense' }, namespace))
  expect(await found()).toMatchObject({ problem: expect.stringContaining('checkpoint.json') as string })
  expect(await store.save(checkpoint('6', 'after'), signal)).toBe('saved')
  expect(await found()).toMatchObject({ open: ['after'] })
})

it('is made again where it was deleted, also for a position that has not moved', async () => {
  const store = await startedStore()
  await store.save(checkpoint('5', 'before'), signal)
  api.store.delete('configmaps', namespace, name)
  expect(await store.save(checkpoint('5', 'after'), signal)).toBe('saved')
  expect(await found()).toMatchObject({ open: ['after'] })
})

it('says so where the API server cannot be asked', async () => {
  const store = await startedStore()
  await api.close()
  await expect(store.load(signal)).rejects.toMatchObject({ code: 'unreachable' })
  await expect(store.save(checkpoint('5', 'nobody'), signal)).rejects.toMatchObject({ code: 'unreachable' })
})
