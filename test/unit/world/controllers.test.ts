import { expect, test } from 'vitest'
import type { KubernetesObject } from '../../../src/world/apiServer/object.ts'
import type { World } from '../../../src/world/world.ts'
import { evictionOf } from '../../support/evictions.ts'
import { worldOnHold } from '../../support/worldOnHold.ts'

async function pods({ api }: World): Promise<readonly KubernetesObject[]> {
  const headers = { authorization: `Bearer ${api.token}` }
  const answer = await fetch(`${api.url}/api/v1/namespaces/shop/pods`, { headers })
  return ((await answer.json()) as { items: KubernetesObject[] }).items
}

async function evict({ api }: World, name: string): Promise<number> {
  const headers = { authorization: `Bearer ${api.token}`, 'content-type': 'application/json' }
  const path = `${api.url}/api/v1/namespaces/shop/pods/${name}/eviction`
  return (await fetch(path, { method: 'POST', headers, body: JSON.stringify(evictionOf(name)) })).status
}

test('a pod of a Deployment that is evicted comes back as a new pod, whose SVID is new and in all copies', async () => {
  const name = 'cart-7c5b8d6f49-pm4vd'
  const plan = { name, controller: 'ReplicaSet', fate: 'notReloaded', serves: 'tls' } as const
  const { world, pod, until } = await worldOnHold([plan])
  const before = await pod(name)
  expect(before.served).not.toEqual(before.mounted)
  expect(await pods(world)).toMatchObject([
    { metadata: { ownerReferences: [{ kind: 'ReplicaSet', name: 'cart-7c5b8d6f49', controller: true }] } },
  ])
  const [{ metadata: old }] = (await pods(world)) as [KubernetesObject]
  expect(await evict(world, name)).toBe(201)

  const next = async () => (await world.truth())[0]
  await until(async () => expect((await next())?.served).toBeDefined())
  const after = await next()
  expect(after?.workload.pod).toMatch(/^cart-7c5b8d6f49-[a-z0-9]{5}$/)
  expect(after?.workload).not.toMatchObject({ pod: name })
  expect(after?.served).toEqual(after?.mounted)
  expect(await world.truth()).toHaveLength(1)
  const [current] = await pods(world)
  expect(current?.metadata.ownerReferences).toEqual(old.ownerReferences)
  expect(current?.metadata.uid).not.toBe(old.uid)
})

test('a budget holds the second of two pods until the one after the first is ready', async () => {
  const plans = ['cart-0', 'cart-1'].map((name) => ({ name, controller: 'StatefulSet' as const }))
  const { world, until } = await worldOnHold(plans)
  const { api } = world
  const answer = await fetch(`${api.url}/apis/policy/v1/namespaces/shop/poddisruptionbudgets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      metadata: { name: 'cart', namespace: 'shop' },
      spec: { minAvailable: 1, selector: { matchLabels: { 'app.kubernetes.io/name': 'cart' } } },
    }),
  })
  expect(answer.status).toBe(201)
  expect(await evict(world, 'cart-0')).toBe(201)
  expect(await evict(world, 'cart-1')).toBe(429)
  await until(async () => expect(await evict(world, 'cart-1')).toBe(201))
  expect((await pods(world)).filter(({ metadata }) => metadata.name === 'cart-0')).toMatchObject([
    { status: { phase: 'Running' } },
  ])
})

test('a pod of a StatefulSet that is evicted comes back with its name, and one without a controller does not', async () => {
  const { world, until } = await worldOnHold([{ name: 'cart-0', controller: 'StatefulSet' }, { name: 'alone' }])
  const uids = (await pods(world)).map(({ metadata }) => metadata.uid)
  for (const name of ['cart-0', 'alone']) expect(await evict(world, name)).toBe(201)
  await until(async () => expect(await pods(world)).toMatchObject([{ status: { phase: 'Running' } }]))
  const [pod] = await pods(world)
  expect(pod?.metadata.name).toBe('cart-0')
  expect(uids).not.toContain(pod?.metadata.uid)
})
