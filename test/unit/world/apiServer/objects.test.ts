import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { configMap, startTestApi, type TestApi } from '../../../support/testApi.ts'

const maps = '/api/v1/namespaces/default/configmaps'
const requests = '/apis/cert-manager.io/v1/namespaces/shop/certificaterequests'
const mergePatch = 'application/merge-patch+json'

const certificateRequest = (fields: Record<string, unknown>, metadata: Record<string, unknown> = {}) => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'CertificateRequest',
  metadata: { name: 'web', namespace: 'shop', ...metadata },
  ...fields,
})

let api: TestApi
beforeEach(async () => {
  api = await startTestApi()
})
afterEach(() => api.close())

describe('POST', () => {
  it('creates an object, with metadata of the server', async () => {
    const given = { ...configMap('a', { k: 'v' }), metadata: { name: 'a', uid: 'mine' } }
    const { code, body } = await api.request('POST', maps, given)
    expect(code).toBe(201)
    expect(body).toMatchObject({ kind: 'ConfigMap', data: { k: 'v' }, metadata: { name: 'a', namespace: 'default' } })
    expect(body.metadata.uid).not.toBe('mine')
    expect(body.metadata.resourceVersion).toBe(String(api.store.revision))
    expect((await api.request('GET', `${maps}/a`)).body).toEqual(body)
  })

  it('makes a name from generateName', async () => {
    const { body } = await api.request('POST', maps, { metadata: { generateName: 'a-' } })
    expect(body.metadata.name).toMatch(/^a-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
  })

  it('leaves out a status that has a subresource of its own', async () => {
    const { body } = await api.request('POST', requests, certificateRequest({ spec: {}, status: { ca: 'x' } }))
    expect(body).toHaveProperty('spec')
    expect(body).not.toHaveProperty('status')
  })

  it.each([
    ['a name that is taken', configMap('taken'), 409, 'AlreadyExists', 'configmaps "taken" already exists'],
    [
      'no name',
      { metadata: {} },
      422,
      'Invalid',
      'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    ],
    [
      'a name that is none',
      { metadata: { name: 'A_b' } },
      422,
      'Invalid',
      'ConfigMap "A_b" is invalid: metadata.name: Invalid value: a lowercase RFC 1123 subdomain is needed',
    ],
    [
      'data that are no strings',
      { metadata: { name: 'a' }, data: { count: 1 } },
      400,
      'BadRequest',
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: cannot unmarshal a value that is no string',
    ],
    [
      'another kind',
      { ...configMap('a'), kind: 'Pod' },
      400,
      'BadRequest',
      'the kind in the data ("Pod") does not match the expected kind (ConfigMap)',
    ],
    [
      'another namespace',
      configMap('a', {}, 'shop'),
      400,
      'BadRequest',
      'the namespace in the data ("shop") does not match the expected namespace (default)',
    ],
    [
      'a resourceVersion',
      { metadata: { name: 'a', resourceVersion: '5' } },
      500,
      'InternalError',
      'resourceVersion should not be set on objects to be created',
    ],
    ['no object', '[]', 400, 'BadRequest', 'the object provided is no object with metadata'],
    ['no JSON', '{"metadata":', 400, 'BadRequest', expect.stringContaining('the object provided is no JSON') as string],
  ])('refuses %s', async (_, body, code, reason, message) => {
    await api.request('POST', maps, configMap('taken'))
    const answer = await api.request('POST', maps, body)
    expect(answer.code).toBe(code)
    expect(answer.body).toMatchObject({ kind: 'Status', status: 'Failure', code, reason, message })
  })

  it('refuses a body of more than 3 MiB', async () => {
    const { code, body } = await api.request('POST', maps, configMap('a', { k: 'x'.repeat(3 * 1024 * 1024) }))
    expect([code, body.reason]).toEqual([413, 'RequestEntityTooLarge'])
  })
})

describe('PUT', () => {
  it('replaces the object, but not its status', async () => {
    const before = certificateRequest({ spec: { isCA: false }, status: { ca: 'x' } })
    const { resourceVersion } = api.store.create('certificaterequests', before).metadata
    const given = certificateRequest({ spec: {}, status: { ca: 'y' } }, { resourceVersion })
    const { body } = await api.request('PUT', `${requests}/web`, given)
    expect(body).toMatchObject({ spec: {}, status: { ca: 'x' } })
    expect(body.spec).toEqual({})
  })

  it('of the status replaces nothing else', async () => {
    const { metadata } = api.store.create('certificaterequests', certificateRequest({ spec: { isCA: false } }))
    const { resourceVersion } = metadata
    const given = certificateRequest({ spec: {}, status: { ca: 'y' } }, { labels: { new: 'label' }, resourceVersion })
    const { body } = await api.request('PUT', `${requests}/web/status`, given)
    expect(body).toEqual({
      ...certificateRequest({ spec: { isCA: false }, status: { ca: 'y' } }),
      metadata: { ...metadata, resourceVersion: String(api.store.revision) },
    })
  })

  it.each([
    ['an object that is not there', 'b', { name: 'b' }, 404, 'NotFound', 'configmaps "b" not found'],
    [
      'an outdated state',
      'a',
      { name: 'a', resourceVersion: '1' },
      409,
      'Conflict',
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; ' +
        'please apply your changes to the latest version and try again',
    ],
    [
      'another object of the same name',
      'a',
      { name: 'a', uid: 'other' },
      409,
      'Conflict',
      expect.stringContaining('the UID in the precondition ("other") does not match the UID in record') as string,
    ],
    [
      'an object under the name of another',
      'a',
      { name: 'b' },
      400,
      'BadRequest',
      'the name of the object (b) does not match the name on the URL (a)',
    ],
  ])('refuses %s', async (_, name, metadata, code, reason, message) => {
    api.store.create('configmaps', configMap('a'))
    const answer = await api.request('PUT', `${maps}/${name}`, { metadata })
    expect(answer.body).toMatchObject({ code, reason, message })
  })
})

it('PUT of a custom resource needs the resourceVersion that it replaces', async () => {
  api.store.create('certificaterequests', certificateRequest({ spec: {} }))
  const { body } = await api.request('PUT', `${requests}/web`, certificateRequest({ spec: { isCA: true } }))
  const field = 'metadata.resourceVersion'
  const message =
    `certificaterequests.cert-manager.io "web" is invalid: ${field}: ` +
    'Invalid value: 0: must be specified for an update'
  expect(body).toMatchObject({ code: 422, reason: 'Invalid', message, details: { causes: [{ field }] } })
})

describe('PATCH', () => {
  it('merges into the object', async () => {
    api.store.create('configmaps', configMap('a', { keep: '1', drop: '2' }))
    const patch = { metadata: { annotations: { new: 'one' } }, data: { drop: null, add: '3' } }
    const { body } = await api.request('PATCH', `${maps}/a`, patch, mergePatch)
    expect(body).toMatchObject({ data: { keep: '1', add: '3' }, metadata: { annotations: { new: 'one' } } })
    expect(body.data).not.toHaveProperty('drop')
  })

  it('merges into the status', async () => {
    api.store.create('certificaterequests', certificateRequest({ spec: {}, status: { ca: 'x' } }))
    const patch = { spec: { ignored: true }, status: { certificate: 'y' } }
    const { body } = await api.request('PATCH', `${requests}/web/status`, patch, mergePatch)
    expect(body).toMatchObject({ spec: {}, status: { ca: 'x', certificate: 'y' } })
    expect(body.spec).toEqual({})
  })

  it('compares the resourceVersion that it carries', async () => {
    api.store.create('configmaps', configMap('a'))
    const { body } = await api.request('PATCH', `${maps}/a`, { metadata: { resourceVersion: '1' } }, mergePatch)
    expect(body).toMatchObject({ code: 409, reason: 'Conflict' })
  })

  it('refuses other kinds of patches', async () => {
    const { body } = await api.request('PATCH', `${maps}/a`, [], 'application/json-patch+json')
    expect(body).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' })
  })
})

describe('DELETE', () => {
  it('removes the object and answers with its uid', async () => {
    const { metadata } = api.store.create('configmaps', configMap('a'))
    const { code, body } = await api.request('DELETE', `${maps}/a`, { propagationPolicy: 'Background' })
    expect(code).toBe(200)
    expect(body).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'a', uid: metadata.uid } })
    expect((await api.request('GET', `${maps}/a`)).code).toBe(404)
    expect((await api.request('DELETE', `${maps}/a`)).code).toBe(404)
  })

  it('spares an object that is not the one meant', async () => {
    api.store.create('configmaps', configMap('a'))
    const { body } = await api.request('DELETE', `${maps}/a`, { preconditions: { uid: 'another' } })
    expect(body).toMatchObject({ code: 409, reason: 'Conflict' })
    expect((await api.request('GET', `${maps}/a`)).code).toBe(200)
  })
})

it.each([
  ['DELETE', maps],
  ['POST', `${maps}/a`],
  ['POST', '/api/v1/configmaps'],
  ['DELETE', `${requests}/web/status`],
])('%s %s is not allowed', async (method, path) => {
  const { body } = await api.request(method, path, method === 'POST' ? configMap('a') : undefined)
  expect(body).toMatchObject({ code: 405, reason: 'MethodNotAllowed' })
})

describe('a Secret', () => {
  const secrets = '/api/v1/namespaces/default/secrets'
  const secret = (data: Record<string, string>) => ({ metadata: { name: 'a' }, data })

  it('is replaced only with the resourceVersion that is current, if one is given', async () => {
    const { body: made } = await api.request('POST', secrets, secret({ key: 'YQ==' }))
    const changed = { ...made, data: { key: 'Yg==' } }
    expect((await api.request('PUT', `${secrets}/a`, changed)).code).toBe(200)
    const { code, body } = await api.request('PUT', `${secrets}/a`, { ...changed, data: {} })
    expect([code, body.reason]).toEqual([409, 'Conflict'])
    expect((await api.request('GET', `${secrets}/a`)).body).toMatchObject({ data: { key: 'Yg==' } })
    expect((await api.request('GET', `${secrets}/b`)).body).toMatchObject({
      code: 404,
      message: 'secrets "b" not found',
      details: { name: 'b', kind: 'secrets' },
    })
  })

  it('has its data in base64', async () => {
    const { code, body } = await api.request('POST', secrets, secret({ key: 'plain text' }))
    expect([code, body.message]).toEqual([
      400,
      'Secret in version "v1" cannot be handled as a Secret: illegal base64 data',
    ])
  })
})
