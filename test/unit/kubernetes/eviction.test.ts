import { describe, expect, onTestFinished, test } from 'vitest'
import { createClientFromText } from '../../../src/kubernetes/client.ts'
import { credentialsFromText } from '../../../src/kubernetes/credentials.ts'
import { evict, type Eviction } from '../../../src/kubernetes/eviction.ts'
import type { KubernetesObject } from '../../../src/world/apiServer/object.ts'
import { createBudget, createPod } from '../../support/evictions.ts'
import { eventually } from '../../support/eventually.ts'
import { startFaultyRelay, type Fault } from '../../support/faultyRelay.ts'
import { startTestApi } from '../../support/testApi.ts'

/** An embedded API server with the pod `shop/web-1`, and a relay in front of it. */
async function start(pod: Partial<KubernetesObject> = {}) {
  const api = await startTestApi()
  const relay = await startFaultyRelay(credentialsFromText(api.server.kubeconfig))
  const client = createClientFromText(relay.kubeconfig, api.clock)
  onTestFinished(async () => {
    client.close()
    await relay.close()
    await api.close()
  })
  const { uid = '' } = createPod(api.store, pod).metadata
  const reference = { namespace: 'shop', name: 'web-1', uid }
  const limits = { signal: new AbortController().signal, timeoutMs: 10_000 }
  const evictPod = (changes: Partial<typeof reference> = {}): Promise<Eviction> =>
    evict(client, { ...reference, ...changes }, limits)
  const isThere = () => api.store.get('pods', 'shop', 'web-1')?.metadata.uid === uid
  return { api, relay, evictPod, isThere }
}

describe('an eviction', () => {
  test('evicts the pod, and the next one finds it gone', async () => {
    const { evictPod, isThere } = await start()
    expect(await evictPod()).toEqual({ code: 'evicted' })
    expect(isThere()).toBe(false)
    const detail = expect.stringContaining('pods "web-1" not found') as string
    expect(await evictPod()).toMatchObject({ code: 'gone', detail })
  })

  test('of a pod that another one has replaced does nothing', async () => {
    const { evictPod, isThere } = await start()
    const detail = expect.stringContaining('UID in the precondition') as string
    expect(await evictPod({ uid: 'another' })).toMatchObject({ code: 'replaced', detail })
    expect(isThere()).toBe(true)
  })

  test('of a pod that is being deleted is done', async () => {
    const { evictPod } = await start({ spec: { terminationGracePeriodSeconds: 30 } })
    expect(await evictPod()).toEqual({ code: 'evicted' })
    expect(await evictPod()).toEqual({ code: 'evicted' })
  })

  test('is held by a budget until the budget allows it', async () => {
    const { api, evictPod, isThere } = await start()
    const budget = createBudget(api.store, { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 })
    expect(await evictPod()).toMatchObject({ code: 'held', retryAfterMs: undefined })
    expect(isThere()).toBe(true)
    api.store.update('poddisruptionbudgets', { ...budget, status: { disruptionsAllowed: 1 } })
    expect(await evictPod()).toEqual({ code: 'evicted' })
  })

  test('is held by a budget that is new, and is told when to come back', async () => {
    const { api, evictPod } = await start()
    createBudget(api.store, { observedGeneration: 0 }, { generation: 1 })
    expect(await evictPod()).toMatchObject({ code: 'held', retryAfterMs: 10_000 })
  })

  test('of a pod with two budgets is never done, although the answer has the status of a success', async () => {
    const { api, evictPod, isThere } = await start()
    for (const name of ['web', 'all']) createBudget(api.store, { disruptionsAllowed: 1 }, { name })
    const detail = expect.stringContaining('more than one PodDisruptionBudget') as string
    expect(await evictPod()).toMatchObject({ code: 'several_budgets', detail })
    expect(isThere()).toBe(true)
  })

  test('of a pod with an odd budget is not done', async () => {
    const { api, evictPod, isThere } = await start()
    createBudget(api.store, { disruptionsAllowed: -1 })
    expect(await evictPod()).toMatchObject({ code: 'odd_budget' })
    expect(isThere()).toBe(true)
  })
})

const status = (code: number, message: string, details?: object): Fault => ({
  status: code,
  body: { kind: 'Status', status: 'Failure', message, code, ...(details && { details }) },
})

describe('an eviction that is answered with', () => {
  test.each<[string, Fault, Eviction['code']]>([
    ['several budgets and 500', status(500, 'This pod has more than one PodDisruptionBudget, ...'), 'several_budgets'],
    ['a missing right', status(403, 'pods "web-1" is forbidden', { kind: 'pods', name: 'web-1' }), 'forbidden'],
    ['the no of a webhook', status(403, 'admission webhook "a" denied the request'), 'forbidden'],
    ['a 401', status(401, 'Unauthorized'), 'refused'],
    ['a 422', status(422, 'invalid'), 'refused'],
    ['a 404 of a proxy', { status: 404, body: 'nothing here' }, 'refused'],
    ['a 429 that is about no budget', status(429, 'too many requests', { retryAfterSeconds: 1 }), 'throttled'],
    ['a 429 of a proxy', { status: 429, headers: { 'retry-after': '7' }, body: 'slow down' }, 'throttled'],
    ['causes that are nonsense', status(429, 'x', { causes: [7, null, { reason: [] }] }), 'throttled'],
    ['a 500', status(500, 'Internal error occurred: etcdserver: request timed out'), 'unknown'],
    ['a 500 of a proxy', { status: 500, body: 'more than one PodDisruptionBudget' }, 'unknown'],
    ['a 502', { status: 502, body: 'bad gateway' }, 'unknown'],
    ['a 504', status(504, 'Timeout'), 'unknown'],
    ['a 408', status(408, 'Timeout'), 'unknown'],
    ['a redirect', { status: 302, body: '' }, 'unknown'],
    ['a success of something else', { status: 200, body: { kind: 'Eviction' } }, 'unknown'],
    ['a success without sense', { status: 201, body: [] }, 'unknown'],
    ['a success that is a failure', { status: 201, body: { kind: 'Status', status: 'Failure' } }, 'unknown'],
    [
      'a success that is a refusal',
      { status: 201, body: { kind: 'Status', status: 'Failure', code: 403 } },
      'forbidden',
    ],
  ])('%s', async (_, fault, code) => {
    const { relay, evictPod, isThere } = await start()
    relay.fault = (url) => (url.pathname.endsWith('/eviction') ? fault : undefined)
    expect(await evictPod()).toMatchObject({ code, detail: expect.any(String) as string })
    expect(isThere()).toBe(true)
  })

  test('a conflict about the same pod is not done now', async () => {
    const { relay, evictPod } = await start()
    const conflict = status(409, 'the object has been modified')
    relay.fault = (url) => (url.pathname.endsWith('/eviction') ? conflict : undefined)
    expect(await evictPod()).toMatchObject({ code: 'throttled' })
    relay.fault = () => conflict
    expect(await evictPod()).toMatchObject({ code: 'unknown' })
  })

  test('how long to wait says so', async () => {
    const { relay, evictPod } = await start()
    relay.fault = () => ({ status: 429, headers: { 'retry-after': '7' }, body: '' })
    expect(await evictPod()).toMatchObject({ code: 'throttled', retryAfterMs: 7_000 })
  })

  test('nothing may have been done', async () => {
    const { relay, evictPod, isThere } = await start()
    relay.fault = () => ({ answer: 'lost' })
    expect(await evictPod()).toMatchObject({ code: 'unknown' })
    expect(isThere()).toBe(false)
  })

  test('nothing in time may have been done', async () => {
    const { api, relay, evictPod } = await start()
    let hasArrived = false
    relay.fault = () => {
      hasArrived = true
      return { answer: 'never' }
    }
    const eviction = evictPod()
    await eventually(() => expect(hasArrived).toBe(true))
    await api.clock.advance(10_000)
    const detail = expect.stringContaining('no answer within') as string
    expect(await eviction).toMatchObject({ code: 'unknown', detail })
  })
})
