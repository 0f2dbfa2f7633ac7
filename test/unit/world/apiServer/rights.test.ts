import { describe, expect, it, onTestFinished } from 'vitest'
import type { Right } from '../../../../src/world/apiServer/rights.ts'
import { configMap, startTestApi } from '../../../support/testApi.ts'

const rights: readonly Right[] = [
  { namespace: 'team-a', apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
  {
    namespace: 'team-a',
    apiGroups: [''],
    resources: ['configmaps'],
    resourceNames: ['state'],
    verbs: ['get', 'update'],
  },
  { namespace: 'team-a', apiGroups: [''], resources: ['configmaps'], verbs: ['create'] },
  { apiGroups: ['storage.k8s.io'], resources: ['csinodes'], verbs: ['list'] },
  { apiGroups: [''], resources: ['configmaps'], resourceNames: ['trust'], verbs: ['list', 'watch'] },
]
const requests = '/apis/cert-manager.io/v1'

async function restrictedApi() {
  const asked: string[] = []
  const api = await startTestApi({ rights, onRequest: (method, url) => asked.push(`${method} ${url}`) })
  onTestFinished(() => api.close())
  return { ...api, asked }
}

describe('a token with few rights', () => {
  it.each([
    ['/api/v1/namespaces/team-a/pods'],
    ['/api/v1/namespaces/team-a/pods?watch=true&timeoutSeconds=0'],
    ['/apis/storage.k8s.io/v1/csinodes'],
    ['/api/v1/configmaps?fieldSelector=metadata.name%3Dtrust'],
    ['/api/v1/namespaces/team-b/configmaps?fieldSelector=metadata.name%3Dtrust&watch=true&timeoutSeconds=0'],
  ])('may GET %s', async (path) => {
    const { call, asked } = await restrictedApi()
    expect((await call(path)).status).toBe(200)
    expect(asked).toEqual([`GET ${path}`])
  })

  it.each([
    ['/api/v1/pods', 'pods is forbidden', 'list resource "pods" in API group "" at the cluster scope'],
    ['/api/v1/pods?watch=1', 'pods is forbidden', 'watch resource "pods" in API group "" at the cluster scope'],
    [
      '/api/v1/namespaces/team-b/pods',
      'pods is forbidden',
      'list resource "pods" in API group "" in the namespace "team-b"',
    ],
    [
      '/api/v1/namespaces/team-a/pods/web-1',
      'pods "web-1" is forbidden',
      'get resource "pods" in API group "" in the namespace "team-a"',
    ],
    [
      '/api/v1/namespaces/team-a/configmaps/other',
      'configmaps "other" is forbidden',
      'get resource "configmaps" in API group "" in the namespace "team-a"',
    ],
    [
      '/api/v1/configmaps',
      'configmaps is forbidden',
      'list resource "configmaps" in API group "" at the cluster scope',
    ],
    [
      '/api/v1/configmaps?fieldSelector=metadata.name%3Dother',
      'configmaps "other" is forbidden',
      'list resource "configmaps" in API group "" at the cluster scope',
    ],
    [
      `${requests}/certificaterequests`,
      'certificaterequests.cert-manager.io is forbidden',
      'list resource "certificaterequests" in API group "cert-manager.io" at the cluster scope',
    ],
    [
      `${requests}/namespaces/team-a/certificaterequests/r/status`,
      'certificaterequests.cert-manager.io "r" is forbidden',
      'get resource "certificaterequests/status" in API group "cert-manager.io" in the namespace "team-a"',
    ],
  ])('is refused %s in the words of the API', async (path, what, why) => {
    const { request } = await restrictedApi()
    const user = 'system:serviceaccount:svidwatch:svidwatch'
    expect((await request('GET', path)).body).toMatchObject({
      kind: 'Status',
      status: 'Failure',
      reason: 'Forbidden',
      code: 403,
      message: `${what}: User "${user}" cannot ${why}`,
    })
  })

  it('may write what it has the verbs for', async () => {
    const { request } = await restrictedApi()
    const path = '/api/v1/namespaces/team-a/configmaps'
    expect((await request('POST', path, configMap('state', {}, 'team-a'))).code).toBe(201)
    expect((await request('PUT', `${path}/state`, configMap('state', { a: 'b' }, 'team-a'))).code).toBe(200)
    expect((await request('DELETE', `${path}/state`)).code).toBe(403)
  })
})
