import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Right } from '../../../../src/world/apiServer/rights.ts'
import { createPod, evictionOf, createBudget } from '../../../support/evictions.ts'
import { startTestApi, type TestApi } from '../../../support/testApi.ts'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi()
})
afterEach(() => api.close())

const path = '/api/v1/namespaces/shop/pods/web-1/eviction'
const evict = (uid?: string) => api.request('POST', path, evictionOf('web-1', uid))
const isThere = () => api.store.get('pods', 'shop', 'web-1') !== undefined

describe('an eviction', () => {
  it('deletes the pod', async () => {
    const { metadata } = createPod(api.store)
    expect(await evict(metadata.uid)).toMatchObject({
      code: 201,
      body: { kind: 'Status', status: 'Success', code: 201 },
    })
    expect(isThere()).toBe(false)
    expect((await evict(metadata.uid)).body).toMatchObject({ code: 404, message: 'pods "web-1" not found' })
  })

  it('of another uid deletes nothing', async () => {
    createPod(api.store)
    const { code, body } = await evict('another')
    expect([code, body['reason']]).toEqual([409, 'Conflict'])
    expect(body['message']).toContain('the UID in the precondition ("another") does not match the UID in record')
    expect(isThere()).toBe(true)
  })

  it('takes as long as the grace period, in which the pod is being deleted', async () => {
    const { metadata } = createPod(api.store, { spec: { terminationGracePeriodSeconds: 30 } })
    expect((await evict(metadata.uid)).code).toBe(201)
    expect(api.store.get('pods', 'shop', 'web-1')?.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:30Z',
    })
    expect((await evict(metadata.uid)).code).toBe(201)
    await api.clock.advance(30_000)
    expect(isThere()).toBe(false)
  })

  it.each([
    ['GET', 405],
    ['DELETE', 405],
  ])('answers %s with %i', async (method, code) => {
    createPod(api.store)
    expect((await api.request(method, path)).code).toBe(code)
  })

  it('must name the pod of its path', async () => {
    createPod(api.store)
    expect((await api.request('POST', path, evictionOf('web-2'))).code).toBe(400)
  })

  it.each([
    { resources: ['pods'], code: 403 },
    { resources: ['pods/eviction'], code: 201 },
  ])('with the right to create $resources is answered with $code', async ({ resources, code }) => {
    const right: Right = { apiGroups: [''], resources, verbs: ['create'] }
    const limited = await startTestApi({ rights: [right] })
    createPod(limited.store)
    const answer = await limited.request('POST', path, evictionOf('web-1'))
    await limited.close()
    expect(answer.code).toBe(code)
    if (code === 403) expect(answer.body['message']).toMatch(/^pods "web-1" is forbidden: .* resource "pods\/eviction"/)
  })
})

describe('a budget', () => {
  it('allows as many evictions as it says, and then none', async () => {
    createBudget(api.store, { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 })
    createPod(api.store)
    expect((await evict()).code).toBe(201)
    createPod(api.store)
    const { code, headers, body } = await evict()
    expect([code, headers.get('retry-after')]).toEqual([429, null])
    expect(body).toMatchObject({
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          { reason: 'DisruptionBudget', message: 'The disruption budget web needs 1 healthy pods and has 2 currently' },
        ],
      },
    })
    expect(isThere()).toBe(true)
  })

  it('that was not looked at yet asks to wait', async () => {
    createBudget(api.store, { disruptionsAllowed: 1, observedGeneration: 1 }, { generation: 2 })
    createPod(api.store)
    const { code, headers } = await evict()
    expect([code, headers.get('retry-after')]).toEqual([429, '10'])
  })

  it('that allows less than nothing is odd', async () => {
    createBudget(api.store, { disruptionsAllowed: -1 })
    createPod(api.store)
    expect((await evict()).body).toMatchObject({ code: 403, details: { kind: 'poddisruptionbudget', name: 'web' } })
  })

  it('beside another one stops every eviction, with a Status of a failure in an answer of success', async () => {
    for (const name of ['web', 'all']) createBudget(api.store, { disruptionsAllowed: 1 }, { name })
    createPod(api.store)
    const { code, body } = await evict()
    expect(code).toBe(201)
    expect(body).toMatchObject({ kind: 'Status', status: 'Failure', code: 500 })
    expect(body).not.toHaveProperty('reason')
    expect(isThere()).toBe(true)
  })

  it.each([
    ['waits', { phase: 'Pending' }],
    ['has ended', { phase: 'Failed' }],
    ['is not ready, while enough others are', { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] }],
  ])('does not hold a pod that %s', async (_, status) => {
    createBudget(api.store, { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 })
    createPod(api.store, { status })
    expect((await evict()).code).toBe(201)
  })

  it('of other pods or of another namespace has no effect', async () => {
    createBudget(api.store, { disruptionsAllowed: 0 }, { namespace: 'other' })
    createBudget(api.store, { disruptionsAllowed: 0 }, { name: 'none' }, {})
    createBudget(api.store, { disruptionsAllowed: 0 }, { name: 'db' }, { app: 'db' })
    createPod(api.store)
    expect((await evict()).code).toBe(201)
  })
})
