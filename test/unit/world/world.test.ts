import { readdir, stat } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { population } from '../../../src/world/population.ts'
import { lifetimeMs, worldOnHold } from '../../support/worldOnHold.ts'

interface List {
  readonly items: { readonly metadata: { readonly name: string }; readonly status?: Record<string, unknown> }[]
}

async function list(api: { url: string; token: string }, path: string): Promise<List['items']> {
  const answer = await fetch(api.url + path, { headers: { authorization: `Bearer ${api.token}` } })
  return ((await answer.json()) as List).items
}

const requestsOf = (api: { url: string; token: string }) =>
  list(api, '/apis/cert-manager.io/v1/namespaces/shop/certificaterequests')

describe('a healthy pod', () => {
  test('has the certificate of its newest request on disk, at first and after each renewal', async () => {
    const { clock, pod, until } = await worldOnHold([{}])
    for (let renewals = 0; renewals < 3; renewals++) {
      const { mounted, newestRequest } = await pod()
      expect(mounted).toEqual(newestRequest?.certificate)
      await until(async () => expect((await pod()).mounted).not.toEqual(mounted))
      const renewed = (await pod()).mounted
      expect(renewed?.notBeforeMs).toBeGreaterThanOrEqual((mounted?.notAfterMs ?? NaN) - lifetimeMs / 3)
      expect(renewed?.notAfterMs).toBeGreaterThan(clock.now())
    }
  })

  test('has one request, however often it is renewed', async () => {
    const { world, pod, until } = await worldOnHold([{}])
    const { mounted } = await pod()
    await until(async () => expect((await pod()).mounted).not.toEqual(mounted))
    expect(await requestsOf(world.api)).toHaveLength(1)
  })
})

describe('a stuck renewal', () => {
  test('stays approved and unanswered past the expiry of what is mounted, as one and the same request', async () => {
    const { clock, world, pod, until } = await worldOnHold([{ fate: 'stuck' }])
    const { mounted } = await pod()
    await until(async () => expect((await pod()).newestRequest?.state).toBe('approved'))
    const { newestRequest } = await pod()

    await until(() => expect(clock.now()).toBeGreaterThan((mounted?.notAfterMs ?? NaN) + lifetimeMs))
    const later = await pod()
    expect(later.mounted).toEqual(mounted)
    expect(later.newestRequest).toEqual(newestRequest)
    expect(await requestsOf(world.api)).toHaveLength(1)
  })
})

describe('a denied workload', () => {
  test('is denied for the identity that it asks for, again and again, and gets no files', async () => {
    const { world, pod, until } = await worldOnHold([{ fate: 'denied' }])
    await until(async () => expect((await pod()).newestRequest?.state).toBe('denied'))
    const first = (await pod()).newestRequest
    expect(first?.decision).toBe(
      'Denied request: unexpected SPIFFE ID requested, exp="spiffe://example.org/ns/shop/sa/cart" got="spiffe://example.org/ns/shop/sa/admin"',
    )

    await until(async () => {
      const { newestRequest } = await pod()
      expect(newestRequest?.name).not.toBe(first?.name)
      expect(newestRequest?.state).toBe('denied')
    })
    expect((await pod()).mounted).toBeUndefined()
    expect(await list(world.api, '/api/v1/namespaces/shop/pods')).toMatchObject([{ status: { phase: 'Pending' } }])
  })

  test('leaves no more than two requests', async () => {
    const { world, pod, until } = await worldOnHold([{ fate: 'denied' }])
    const seen = new Set<string>()
    await until(async () => {
      seen.add((await pod()).newestRequest?.name ?? '')
      expect(seen.size).toBeGreaterThan(5)
    })
    expect((await requestsOf(world.api)).length).toBeLessThanOrEqual(2)
  })
})

describe('a dead mount', () => {
  test('keeps its old files while its requests are renewed', async () => {
    const { pod, until } = await worldOnHold([{ fate: 'deadMount' }])
    const { mounted, newestRequest } = await pod()
    expect(mounted?.notAfterMs).toBeLessThan(newestRequest?.certificate?.notAfterMs ?? NaN)

    await until(async () => {
      const later = (await pod()).newestRequest
      expect(later?.name).not.toBe(newestRequest?.name)
      expect(later?.state).toBe('issued')
    })
    expect((await pod()).mounted).toEqual(mounted)
  })

  test('is what a restart of the driver leaves behind, with requests that are renewed soon', async () => {
    const { clock, world, pod, until } = await worldOnHold([{}])
    const { mounted, newestRequest } = await pod()
    const restartedMs = clock.now()
    await world.restartDriver()

    await until(async () => expect((await pod()).newestRequest?.name).not.toBe(newestRequest?.name))
    expect(clock.now() - restartedMs).toBeLessThan(lifetimeMs / 2)
    await until(async () => expect((await pod()).newestRequest?.state).toBe('issued'))
    await until(() => expect(clock.now()).toBeGreaterThan(mounted?.notAfterMs ?? NaN))
    expect((await pod()).mounted).toEqual(mounted)
  })
})

test('a Job that has ended has no files, and a request that outlived it', async () => {
  const { clock, world, pod } = await worldOnHold([{ fate: 'ended' }])
  const { mounted, newestRequest } = await pod()
  expect(mounted).toBeUndefined()
  expect(newestRequest?.certificate?.notAfterMs).toBeLessThan(clock.now())
  expect(await list(world.api, '/api/v1/namespaces/shop/pods')).toMatchObject([{ status: { phase: 'Succeeded' } }])
})

test('while the issuer is down requests stay pending for the recorded reason, and are issued when it is back', async () => {
  const { clock, world, pod, until } = await worldOnHold([{}])
  const { mounted } = await pod()
  world.stopIssuer()
  await until(() => expect(clock.now()).toBeGreaterThan(mounted?.notAfterMs ?? NaN))
  expect((await pod()).mounted).toEqual(mounted)
  const [pending, ...others] = await requestsOf(world.api)
  expect(others).toEqual([])
  expect(pending?.status?.['conditions']).toMatchObject([
    { type: 'Approved', status: 'True' },
    {
      type: 'Ready',
      status: 'False',
      reason: 'Pending',
      message: 'Referenced issuer does not have a Ready status condition',
    },
  ])

  world.startIssuer()
  await until(async () => expect((await pod()).newestRequest?.certificate?.notAfterMs).toBeGreaterThan(clock.now()))
  expect((await pod()).newestRequest?.name).toBe(pending?.metadata.name)
  await until(async () => expect((await pod()).mounted?.notAfterMs).toBeGreaterThan(clock.now()))
})

test('the demonstration has a dozen pods in three namespaces, and soon something happens', async () => {
  const { clock, world, until } = await worldOnHold(population)
  const before = await world.truth()
  expect(before).toHaveLength(12)
  expect(new Set(before.map(({ workload }) => workload.namespace)).size).toBe(3)

  const startMs = clock.now()
  await until(async () => {
    const after = await world.truth()
    expect(after.some(({ mounted }, i) => mounted?.notAfterMs !== before[i]?.mounted?.notAfterMs)).toBe(true)
  })
  expect(clock.now() - startMs).toBeLessThan(60_000)
})

test('close removes the folder, and what it had to wait for', async () => {
  const { world, kubeletRoot } = await worldOnHold([{}, { name: 'cart-1', fate: 'denied' }])
  expect(await readdir(`${kubeletRoot}/pods`)).toHaveLength(1)
  await world.close()
  await expect(stat(world.folder)).rejects.toThrow('ENOENT')
  await expect(fetch(world.api.url)).rejects.toThrow()
})
