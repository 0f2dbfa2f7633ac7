import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { configMap, startTestApi, type Answer, type TestApi } from '../../../support/testApi.ts'

const maps = '/api/v1/configmaps'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi()
})
afterEach(() => api.close())

function list(query: Record<string, string | number> = {}, path = maps): Promise<Answer> {
  const entries = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)])
  return api.request('GET', `${path}?${new URLSearchParams(entries).toString()}`)
}

const names = ({ body }: Answer) => body.items.map(({ metadata }) => metadata.name)

function create(...objects: string[]) {
  for (const name of objects) api.store.create('configmaps', configMap(name))
}

describe('a list', () => {
  it('is of the kind of its resource, at the newest revision', async () => {
    create('a')
    const { body } = await list()
    expect(body).toEqual({
      kind: 'ConfigMapList',
      apiVersion: 'v1',
      metadata: { resourceVersion: String(api.store.revision) },
      items: [{ metadata: api.store.get('configmaps', 'default', 'a')?.metadata, data: {} }],
    })
  })

  it('gives apiVersion and kind of custom resources in each item', async () => {
    const path = '/apis/cert-manager.io/v1/certificaterequests'
    const type = { apiVersion: 'cert-manager.io/v1', kind: 'CertificateRequest' }
    const created = api.store.create('certificaterequests', { ...type, metadata: { name: 'a', namespace: 'shop' } })
    const { body } = await list({}, path)
    expect(body).toMatchObject({ kind: 'CertificateRequestList', apiVersion: 'cert-manager.io/v1', items: [created] })
  })

  it.each([
    ['everything', {}, maps, ['x', 'a', 'b']],
    ['one namespace', {}, '/api/v1/namespaces/default/configmaps', ['a', 'b']],
    ['one name', { fieldSelector: 'metadata.name=a' }, maps, ['a']],
    ['one label', { labelSelector: 'app=web' }, maps, ['b']],
    ['labels that no object has', { labelSelector: 'app==web,tier=db' }, maps, []],
  ])('of %s', async (_, query, path, expected) => {
    create('a')
    api.store.create('configmaps', configMap('x', {}, 'another'))
    const labelled = configMap('b')
    api.store.create('configmaps', { ...labelled, metadata: { ...labelled.metadata, labels: { app: 'web' } } })
    expect(names(await list(query, path))).toEqual(expected)
  })
})

describe('pages', () => {
  it('together show the state of the first one', async () => {
    create('a', 'b', 'c', 'd', 'e')
    const first = await list({ limit: 2 })
    api.store.delete('configmaps', 'default', 'd')
    create('f')
    const second = await list({ limit: 2, continue: first.body.metadata.continue ?? '' })
    const third = await list({ limit: 2, continue: second.body.metadata.continue ?? '' })
    expect([first, second, third].map(names)).toEqual([['a', 'b'], ['c', 'd'], ['e']])
    expect([first, second, third].map(({ body }) => body.metadata.remainingItemCount)).toEqual([3, 1, undefined])
    expect(third.body.metadata.continue).toBeUndefined()
    expect(third.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion)
  })

  it('go on where their last object has been deleted', async () => {
    create('a', 'b', 'c')
    const first = await list({ limit: 2 })
    api.store.delete('configmaps', 'default', 'b')
    expect(names(await list({ continue: first.body.metadata.continue ?? '' }))).toEqual(['c'])
  })

  it('end with 410 when the history is gone', async () => {
    create('a', 'b')
    const first = await list({ limit: 1 })
    api.store.compact()
    const { code, body } = await list({ limit: 1, continue: first.body.metadata.continue ?? '' })
    expect(code).toBe(410)
    expect(body).toMatchObject({
      reason: 'Expired',
      code: 410,
      message: expect.stringContaining('continue parameter is too old') as string,
    })
  })

  it('are not made of a list from the cache (resourceVersion 0)', async () => {
    create('a', 'b')
    expect(names(await list({ limit: 1, resourceVersion: 0 }))).toEqual(['a', 'b'])
  })
})

describe('the metadata alone', () => {
  const accepting = (kind: string) => `application/json;as=${kind};g=meta.k8s.io;v=v1`
  const get = async (accept: string, query: Record<string, string>): Promise<Answer['body']> => {
    const answer = await api.call(`${maps}?${new URLSearchParams(query).toString()}`, { headers: { accept } })
    return (await answer.json()) as Answer['body']
  }

  it('comes in pages that continue as those of whole objects do', async () => {
    create('a', 'b', 'c')
    const [first, second] = [await list({ limit: 1 }), api.store.get('configmaps', 'default', 'b')]
    const { continue: token = '' } = first.body.metadata
    const page = await get(accepting('PartialObjectMetadataList'), { limit: '1', continue: token })
    const apiVersion = 'meta.k8s.io/v1'
    expect(page).toEqual({
      kind: 'PartialObjectMetadataList',
      apiVersion,
      metadata: { ...page.metadata, resourceVersion: first.body.metadata.resourceVersion, remainingItemCount: 1 },
      items: [{ kind: 'PartialObjectMetadata', apiVersion, metadata: second?.metadata }],
    })
    expect(names(await list({ continue: page.metadata.continue ?? '' }))).toEqual(['c'])
  })

  it.each([
    [accepting('PartialObjectMetadata'), 'you requested PartialObjectMetadata, but the requested object is a list'],
    [accepting('Secrets'), 'only the following media types are accepted: application/json'],
    ['text/html', 'only the following media types are accepted: application/json'],
  ])('is refused as %s', async (accept, message) => {
    expect(await get(accept, {})).toMatchObject({ code: 406, reason: 'NotAcceptable', message })
  })

  it('gives way to what stands before it', async () => {
    expect(await get(`text/html, */*, ${accepting('PartialObjectMetadataList')}`, {})).toMatchObject({
      kind: 'ConfigMapList',
    })
  })
})

describe('resourceVersion', () => {
  it.each([
    ['Exact', ['a']],
    ['NotOlderThan', ['a', 'b']],
  ])('with resourceVersionMatch=%s', async (resourceVersionMatch, expected) => {
    create('a')
    const resourceVersion = api.store.revision
    create('b')
    expect(names(await list({ resourceVersion, resourceVersionMatch }))).toEqual(expected)
  })

  it('without a match is exact for pages, as it always was', async () => {
    create('a')
    const resourceVersion = api.store.revision
    create('b')
    expect(names(await list({ resourceVersion, limit: 10 }))).toEqual(['a'])
    expect(names(await list({ resourceVersion }))).toEqual(['a', 'b'])
  })

  it('that is forgotten is answered 410', async () => {
    const resourceVersion = api.store.revision
    api.store.compact()
    const { body } = await list({ resourceVersion, resourceVersionMatch: 'Exact' })
    expect(body).toMatchObject({ code: 410, reason: 'Expired' })
  })

  it('that is not there yet is answered 504', async () => {
    const { code, headers, body } = await list({ resourceVersion: 1000 })
    expect(code).toBe(504)
    expect(headers.get('retry-after')).toBe('1')
    expect(body).toMatchObject({
      reason: 'Timeout',
      message: `Timeout: Too large resource version: 1000, current: ${api.store.revision}`,
      details: { causes: [{ reason: 'ResourceVersionTooLarge' }] },
    })
  })
})

describe('list options that are refused', () => {
  const match = { resourceVersionMatch: 'NotOlderThan' }
  it.each([
    ['a match without a version', match, 422],
    ['an unknown match', { resourceVersionMatch: 'Newest', resourceVersion: 1 }, 422],
    ['exactly version 0', { resourceVersionMatch: 'Exact', resourceVersion: 0 }, 422],
    ['a match in a later page', { ...match, resourceVersion: 1, continue: 'x' }, 422],
    ['initial events', { sendInitialEvents: 'true' }, 422],
    ['a watch with a match only', { ...match, watch: 'true' }, 422],
    ['a watch with initial events only', { sendInitialEvents: 'true', watch: 'true' }, 422],
    ['a continue token that is none', { continue: 'x' }, 400],
    ['a version in a later page', { continue: 'x', resourceVersion: 1 }, 400],
    ['a version that is no number', { resourceVersion: 'new' }, 400],
    ['a limit below zero', { limit: -1 }, 400],
    ['a selector of sets', { labelSelector: 'app in (a,b)' }, 400],
    ['a field without an index', { fieldSelector: 'spec.nodeName=a' }, 400],
  ])('%s', async (_, query, code) => {
    const answer = await list(query)
    expect(answer.code).toBe(code)
    expect(answer.body).toMatchObject({ kind: 'Status', reason: code === 422 ? 'Invalid' : 'BadRequest' })
  })

  it('name the field', async () => {
    const { body } = await list(match)
    const message = 'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided'
    expect(body).toMatchObject({
      message: `ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: ${message}`,
      details: { causes: [{ field: 'resourceVersionMatch', reason: 'FieldValueForbidden', message }] },
    })
  })
})
