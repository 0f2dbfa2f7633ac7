import { readdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import type { KubernetesObject } from '../../../src/world/apiServer/object.ts'
import type { World } from '../../../src/world/world.ts'
import { lifetimeMs, worldOnHold, type WorldOnHold } from '../../support/worldOnHold.ts'

async function list({ api }: World, path: string): Promise<readonly KubernetesObject[]> {
  const answer = await fetch(api.url + path, { headers: { authorization: `Bearer ${api.token}` } })
  return ((await answer.json()) as { items: KubernetesObject[] }).items
}

/** Waits for the first renewal of the only pod. Returns what is mounted then. */
async function renewed({ pod, until }: WorldOnHold) {
  const { mounted } = await pod()
  await until(async () => expect((await pod()).mounted).not.toEqual(mounted))
  return (await pod()).mounted
}

describe('an issuer', () => {
  test('that is slow answers late', async () => {
    const held = await worldOnHold([{}], { slowMs: 20_000 })
    const startMs = held.clock.now()
    await renewed(held)
    expect(held.clock.now() - startMs).toBeGreaterThanOrEqual((lifetimeMs * 2) / 3 + 20_000)
  })

  test('that dates certificates back shortens no validity', async () => {
    const held = await worldOnHold([{}], { datesBackMs: lifetimeMs })
    const { notBeforeMs = NaN, notAfterMs = NaN } = (await renewed(held)) ?? {}
    expect(notAfterMs - notBeforeMs).toBe(2 * lifetimeMs)
    expect(notAfterMs - held.clock.now()).toBeGreaterThan(lifetimeMs - 5_000)
  })
})

test('without the approver, a request waits for a decision', async () => {
  const { world, clock, pod, until } = await worldOnHold([{}])
  const { mounted, newestRequest } = await pod()
  world.stopApprover()
  await until(async () => expect((await pod()).newestRequest?.name).not.toBe(newestRequest?.name))
  await until(() => expect(clock.now()).toBeGreaterThan(mounted?.notAfterMs ?? NaN))
  expect(await pod()).toMatchObject({ mounted, newestRequest: { state: 'pending', decision: undefined } })
})

test('a node from which the driver is removed has neither its pod nor its registration, and asks for nothing', async () => {
  const { world, clock, pod, until } = await worldOnHold([{}, { name: 'cart-1', node: 'node-2' }])
  const before = await pod('cart-0')
  await world.removeDriver('node-1')
  const drivers = (await list(world, '/api/v1/pods')).filter(({ metadata }) => metadata.namespace === 'cert-manager')
  expect(drivers).toMatchObject([{ spec: { nodeName: 'node-2' } }])
  expect(await list(world, '/apis/storage.k8s.io/v1/csinodes')).toMatchObject([
    { metadata: { name: 'node-1' }, spec: { drivers: null } },
    { metadata: { name: 'node-2' }, spec: { drivers: [{ nodeID: 'node-2' }] } },
    { metadata: { name: 'node-3' } },
  ])
  await until(() => expect(clock.now()).toBeGreaterThan(before.mounted?.notAfterMs ?? NaN))
  expect(await pod('cart-0')).toEqual(before)
})

test('a restart of the driver of one node leaves the mounts of the others alone', async () => {
  const { world, pod } = await worldOnHold([{}, { name: 'cart-1', node: 'node-2' }])
  await world.restartDriver('node-2')
  expect([(await pod('cart-0')).mountDead, (await pod('cart-1')).mountDead]).toEqual([false, true])
})

describe('a pod that is replaced', () => {
  test('leaves nothing behind, and the one after it runs with its own SVID, which is renewed', async () => {
    const held = await worldOnHold([{}, { name: 'cart-1' }])
    const { world, clock, kubeletRoot, pod, until } = held
    await world.restartDriver()
    const [before, neighbour] = [await pod('cart-0'), await pod('cart-1')]
    await world.replacePod('cart-0')
    expect(await list(world, '/api/v1/namespaces/shop/pods')).toMatchObject([
      { metadata: { name: 'cart-0' }, status: { phase: 'Pending' } },
      { metadata: { name: 'cart-1' } },
    ])
    expect(await readdir(`${kubeletRoot}/pods`)).toEqual([neighbour.workload.podUid])

    await until(async () => expect((await pod('cart-0')).mounted).toBeDefined())
    const after = await pod('cart-0')
    expect(after).toMatchObject({ mountDead: false, newestRequest: { certificate: after.mounted } })
    expect(after.workload.podUid).not.toBe(before.workload.podUid)
    expect(await list(world, '/api/v1/namespaces/shop/pods')).toMatchObject([
      { metadata: { name: 'cart-0', uid: after.workload.podUid }, status: { phase: 'Running' } },
      { metadata: { name: 'cart-1' } },
    ])
    await renewed(held)
    await until(() => expect(clock.now()).toBeGreaterThan((before.mounted?.notAfterMs ?? NaN) + lifetimeMs))
    const requests = await list(world, '/apis/cert-manager.io/v1/certificaterequests')
    const owners = requests.map(({ metadata }) => metadata.ownerReferences?.[0]?.uid)
    expect(owners.sort()).toEqual([after.workload.podUid, neighbour.workload.podUid].sort())
    expect((await pod('cart-1')).mounted).toEqual(neighbour.mounted)
  })

  test('waits for its SVID while the issuer is down', async () => {
    const { world, clock, pod, until } = await worldOnHold([{}])
    world.stopIssuer()
    await world.replacePod('cart-0')
    const startMs = clock.now()
    await until(() => expect(clock.now()).toBeGreaterThan(startMs + lifetimeMs))
    expect(await pod()).toMatchObject({ mounted: undefined, newestRequest: { state: 'approved' } })
    expect(await list(world, '/api/v1/namespaces/shop/pods')).toMatchObject([{ status: { phase: 'Pending' } }])
    world.startIssuer()
    await until(async () => expect((await pod()).mounted).toBeDefined())
  })
})

describe('a driver', () => {
  test('with another trust domain than its approver has every request denied, which names both', async () => {
    const { world, clock, pod, until } = await worldOnHold([{}])
    const { mounted } = await pod()
    await world.restartDriver(undefined, { trustDomain: 'other.example' })
    await until(async () =>
      expect((await pod()).newestRequest).toMatchObject({
        state: 'denied',
        decision:
          'Denied request: unexpected SPIFFE ID requested, exp="spiffe://example.org/ns/shop/sa/cart" got="spiffe://other.example/ns/shop/sa/cart"',
      }),
    )
    await until(() => expect(clock.now()).toBeGreaterThan(mounted?.notAfterMs ?? NaN))
    expect((await pod()).newestRequest?.certificate).toBeUndefined()
    await world.restartDriver()
    await until(async () => expect((await pod()).newestRequest?.state).toBe('issued'))
  })

  test('that replaces its request at each attempt leaves one that waits, and never for long', async () => {
    const { world, clock, pod, until } = await worldOnHold([{}])
    await world.restartDriver(undefined, { replacesRequests: true })
    world.stopIssuer()
    const names = new Set<string>()
    await until(async () => {
      const { name = '', state } = (await pod()).newestRequest ?? {}
      if (state === 'approved') names.add(name)
      expect(names.size).toBeGreaterThan(2)
    })
    const requests = await list(world, '/apis/cert-manager.io/v1/certificaterequests')
    expect(requests).toHaveLength(1)
    expect(clock.now() - Date.parse(requests[0]?.metadata.creationTimestamp ?? '')).toBeLessThan(lifetimeMs)
  })
})
