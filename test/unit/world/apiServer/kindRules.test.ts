import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestApi, type TestApi } from '../../../support/testApi.ts'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi()
})
afterEach(() => api.close())

const leases = '/apis/coordination.k8s.io/v1/namespaces/monitoring/leases'
const events = '/apis/events.k8s.io/v1/namespaces/shop/events'
const time = '2026-01-01T00:00:00.000000Z'
const lease = (spec: unknown, metadata = {}) => ({ metadata: { name: 'svidwatch', ...metadata }, spec })

describe('a Lease', () => {
  it.each([
    [201, { holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0, acquireTime: time, renewTime: time }],
    [201, undefined],
    [400, { renewTime: '2026-01-01T00:00:00.000Z' }],
    [400, { renewTime: '2026-01-01T00:00:00Z' }],
    [400, { acquireTime: 'now' }],
    [400, { holderIdentity: 7 }],
    [400, { leaseDurationSeconds: 1.5 }],
    [400, { leaseTransitions: 2 ** 31 }],
    [400, 'nonsense'],
    [422, { leaseDurationSeconds: 0 }],
    [422, { leaseTransitions: -1 }],
  ])('is answered with %i for the spec %j', async (code, spec) => {
    expect((await api.request('POST', leases, lease(spec))).code).toBe(code)
  })

  it('is changed only with its current resourceVersion', async () => {
    const { body } = await api.request('POST', leases, lease({ holderIdentity: 'a' }))
    const put = (metadata: object) =>
      api.request('PUT', `${leases}/svidwatch`, lease({ holderIdentity: 'b' }, metadata))
    expect((await put({})).code).toBe(422)
    expect((await put(body.metadata)).code).toBe(200)
    expect((await put(body.metadata)).code).toBe(409)
  })

  it('that was deleted is made by a PUT without its uid, and by no other one', async () => {
    const { body } = await api.request('POST', leases, lease({}))
    await api.request('DELETE', `${leases}/svidwatch`)
    const conflict = await api.request('PUT', `${leases}/svidwatch`, lease({}, body.metadata))
    expect(conflict.code).toBe(409)
    expect(conflict.body['message']).toContain('Precondition failed: UID in precondition')
    const { resourceVersion } = body.metadata
    const made = await api.request('PUT', `${leases}/svidwatch`, lease({}, { resourceVersion }))
    expect(made.body.metadata.uid).not.toBe(body.metadata.uid)
  })

  it('has annotations of at most 256 KiB', async () => {
    const annotations = { a: 'x'.repeat(256 * 1024) }
    const { code, body } = await api.request('POST', leases, lease({}, { annotations }))
    expect([code, body['message']]).toEqual([
      422,
      'Lease.coordination.k8s.io "svidwatch" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes',
    ])
  })
})

const event = (fields = {}) => ({
  metadata: { name: 'web-1.1', namespace: 'shop' },
  eventTime: time,
  ...{ type: 'Normal', reason: 'Restarted', action: 'Evict', note: 'why' },
  regarding: { kind: 'Pod', namespace: 'shop', name: 'web-1' },
  ...{ reportingController: 'svidwatch.io/watchdog', reportingInstance: 'svidwatch-0' },
  ...fields,
})

describe('an Event', () => {
  it.each([
    [201, {}],
    [201, { series: { count: 2, lastObservedTime: time } }],
    [400, { eventTime: '2026-01-01T00:00:00Z' }],
    [400, { series: { count: 2, lastObservedTime: '2026-01-01T00:00:00.000Z' } }],
    [422, { eventTime: undefined }],
    [422, { action: '' }],
    [422, { reportingController: undefined }],
    [422, { type: 'Odd' }],
    [422, { note: 'ä'.repeat(513) }],
    [422, { reason: 'x'.repeat(129) }],
    [422, { regarding: { namespace: 'other' } }],
    [422, { series: { count: 1, lastObservedTime: time } }],
  ])('is answered with %i with %j', async (code, fields) => {
    expect((await api.request('POST', events, event(fields))).code).toBe(code)
  })

  it('can be repeated, and not changed otherwise', async () => {
    await api.request('POST', events, event())
    const patch = (body: unknown) => api.request('PATCH', `${events}/web-1.1`, body, 'application/merge-patch+json')
    expect((await patch({ series: { count: 2, lastObservedTime: time } })).code).toBe(200)
    expect((await patch({ note: 'another' })).code).toBe(422)
  })
})
