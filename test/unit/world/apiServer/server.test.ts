import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { certificateRequests } from '../../../../src/world/apiServer/resources.ts'
import { startTestApi, type TestApi } from '../../../support/testApi.ts'

const request = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'CertificateRequest',
  metadata: { namespace: 'shop', name: 'cart-1' },
}

let api: TestApi
beforeEach(async () => {
  api = await startTestApi()
})
afterEach(() => api.close())

describe('the API server', () => {
  it.each([
    ['no token', {}],
    ['a wrong token', { authorization: 'Bearer wrong' }],
  ])('refuses a request with %s', async (_, headers) => {
    const answer = await fetch(`${api.server.url}/api/v1/pods`, { headers })
    expect(answer.status).toBe(401)
    expect(await answer.json()).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Unauthorized',
      reason: 'Unauthorized',
      code: 401,
    })
  })

  it('tells its version and that it is ready without a token', async () => {
    const version: unknown = await (await fetch(`${api.server.url}/version`)).json()
    expect(version).toMatchObject({ major: '1', minor: '35' })
    expect(await (await fetch(`${api.server.url}/readyz`)).text()).toBe('ok')
  })

  it('is described by its kubeconfig', () => {
    const config = new KubeConfig()
    config.loadFromString(api.server.kubeconfig)
    expect(config.getCurrentCluster()?.server).toBe(api.server.url)
    expect(config.getCurrentUser()?.token).toBe(api.server.token)
  })

  it('answers 404 in plain text for a custom resource that is not installed, until it is', async () => {
    const path = '/apis/cert-manager.io/v1/certificaterequests'
    api.server.uninstall(certificateRequests)
    const missing = await api.call(path)
    expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'text/plain'])
    expect(await missing.text()).toBe('404 page not found\n')
    api.server.install(certificateRequests)
    expect((await api.request('GET', path)).code).toBe(200)
  })

  it('deletes the objects of a custom resource that is uninstalled, and ends its watches', async () => {
    const path = '/apis/cert-manager.io/v1/certificaterequests'
    api.store.create('certificaterequests', request)
    const watch = await api.watch(path, { resourceVersion: String(api.store.revision) })
    api.server.uninstall(certificateRequests)
    expect(await watch.next()).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'cart-1' } } })
    expect(await watch.next()).toBeUndefined()
    api.server.install(certificateRequests)
    expect((await api.request('GET', path)).body.items).toEqual([])
  })

  it.each([
    '/nothing',
    '/apis/nothing.example/v1/things',
    '/apis/cert-manager.io/v1/nothings',
    '/apis/cert-manager.io/v9/certificaterequests',
  ])('answers 404 in plain text for %s, which no built-in group and no custom resource serves', async (path) => {
    const missing = await api.call(path)
    expect([missing.status, await missing.text()]).toEqual([404, '404 page not found\n'])
  })

  it.each(['/api/v1/nothings', '/apis/storage.k8s.io/v1/nothings', '/apis/storage.k8s.io/v9/csinodes'])(
    'answers 404 with a Status for the resource %s, which its built-in group does not have',
    async (path) => {
      expect((await api.request('GET', path)).body).toMatchObject({
        code: 404,
        reason: 'NotFound',
        message: 'the server could not find the requested resource',
        details: {},
      })
    },
  )

  it('breaks every open watch when connections are dropped, and serves on', async () => {
    const watch = await api.watch('/api/v1/pods')
    api.server.dropConnections()
    await expect(watch.next()).rejects.toThrow()
    expect((await api.request('GET', '/api/v1/pods')).code).toBe(200)
  })

  it('closes with watches open, more than once, and refuses connections afterwards', async () => {
    await api.watch('/api/v1/pods')
    await api.close()
    await api.close()
    await expect(api.call('/api/v1/pods')).rejects.toThrow()
  })
})
