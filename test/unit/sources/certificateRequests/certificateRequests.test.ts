import { expect, onTestFinished, test } from 'vitest'
import type { KubernetesObject } from '../../../../src/world/apiServer/object.ts'
import { createClientFromText } from '../../../../src/kubernetes/client.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import { createCertificateRequests } from '../../../../src/sources/certificateRequests/certificateRequests.ts'
import { fixtureText } from '../../../support/fixtures.ts'
import { dns, signingRequestFor } from '../../../support/signingRequests.ts'
import { startTestApi } from '../../../support/testApi.ts'
import { eventually } from '../../../support/eventually.ts'

const resource = 'certificaterequests'
const webServer = Buffer.from(await signingRequestFor([dns('web')])).toString('base64')

/** The recorded CertificateRequest under another name, without its uid. */
function request(name: string, fields: Partial<KubernetesObject> = {}): KubernetesObject {
  const { metadata, ...rest } = JSON.parse(fixtureText('csi/cr-issued.json')) as KubernetesObject
  return { ...rest, ...fields, metadata: { ...metadata, ...fields.metadata, name, uid: undefined } }
}

/** Nothing in it can be read. */
const broken = (name: string) =>
  request(name, { spec: { request: 'AAAA', issuerRef: { name: 'ca' } }, status: { certificate: 'AAAA' } })

/** A certificate for a web server, as cert-manager itself asks for it. */
function ordinary(name: string): KubernetesObject {
  const { metadata } = request(name)
  return { ...request(name), metadata: { ...metadata, annotations: {} }, spec: { request: webServer }, status: {} }
}

/** It may ask for an SVID, but its CSR cannot be read. */
const nameless = (name: string): KubernetesObject => ({ ...ordinary(name), spec: { request: 'AAAA' } })

/** The source over an embedded API server in which `existing` are there before it starts. */
async function watching({ existing = [] as KubernetesObject[], resumeFrom = undefined as string | undefined } = {}) {
  const api = await startTestApi()
  for (const object of existing) api.store.create(resource, object)
  const client = createClientFromText(api.server.kubeconfig, api.clock)
  const source = createCertificateRequests({ client, clock: api.clock, pageSize: 500, resumeFrom: () => resumeFrom })
  const seen: Observation[] = []
  const end = new AbortController()
  source.start((observation) => seen.push(observation), end.signal)
  onTestFinished(async () => {
    end.abort()
    await source.close()
    client.close()
    await api.close()
  })
  const all = <K extends Observation['kind']>(kind: K) =>
    seen.filter((observation): observation is Extract<Observation, { kind: K }> => observation.kind === kind)
  /** Waits until everything that has happened so far is reported: the request that it creates is the last of it. */
  const caughtUp = async (name: string) => {
    api.store.create(resource, request(name))
    await eventually(() => expect(all('request').map((one) => one.request.name)).toContain(name))
  }
  await eventually(() => expect(all('contact')).toHaveLength(1))
  return { store: api.store, seen, all, caughtUp }
}

test('a request that cannot be read is rejected once, field by field, although it changes', async () => {
  const { store, all, caughtUp } = await watching({ existing: [broken('before')] })
  const rejections = () => all('rejected').map(({ where, reason }) => `${where} ${reason}`)
  const ofBefore = ['before malformed_pem', 'before csr_unparsable'].map((line) => `CertificateRequest team-a/${line}`)
  expect(rejections()).toEqual(ofBefore)

  store.create(resource, broken('after'))
  for (const name of ['before', 'after']) {
    const object = store.get(resource, 'team-a', name) ?? broken(name)
    store.update(resource, { ...object, metadata: { ...object.metadata, labels: { changed: 'yes' } } })
  }
  await caughtUp('last')
  expect(all('request').filter(({ request: { name } }) => name === 'before')).toHaveLength(2)
  expect(rejections()).toEqual([...ofBefore, ...ofBefore.map((line) => line.replace('before', 'after'))])
})

test('another request of the same name is rejected anew', async () => {
  const { store, all, caughtUp } = await watching({ existing: [broken('web')] })
  store.delete(resource, 'team-a', 'web')
  store.create(resource, broken('web'))
  await caughtUp('last')
  expect(new Set(all('request').map((one) => one.request.uid)).size).toBe(3)
  expect(all('rejected')).toHaveLength(4)
})

test('a request that asks for no SVID moves the position on and is nothing else', async () => {
  const { store, seen, all } = await watching({ existing: [ordinary('before')] })
  expect(seen.map(({ kind }) => kind)).toEqual(['listing', 'listed', 'contact'])
  const { metadata } = store.create(resource, ordinary('after'))
  await eventually(() => expect(all('progress').at(-1)?.resourceVersion).toBe(metadata.resourceVersion))
  expect([all('request'), all('rejected')]).toEqual([[], []])
})

test('a request that cannot be read and has no annotation is rejected once, and moves the position on', async () => {
  const { store, all, seen } = await watching({ existing: [nameless('before')] })
  expect(all('rejected').map(({ where, reason }) => `${where} ${reason}`)).toEqual([
    'CertificateRequest team-a/before csr_unparsable',
  ])
  const object = store.get(resource, 'team-a', 'before') ?? nameless('before')
  const { metadata } = store.update(resource, {
    ...object,
    metadata: { ...object.metadata, labels: { changed: 'yes' } },
  })
  await eventually(() => expect(all('progress').at(-1)?.resourceVersion).toBe(metadata.resourceVersion))
  expect(seen.filter(({ kind }) => kind === 'rejected' || kind === 'request')).toHaveLength(1)
})

test('a deletion is reported with its own version', async () => {
  const { store, all } = await watching({ existing: [request('web')] })
  const { metadata } = store.delete(resource, 'team-a', 'web')
  await eventually(() =>
    expect(all('requestDeleted')).toMatchObject([{ uid: metadata.uid, resourceVersion: metadata.resourceVersion }]),
  )
})

test('namespaces are watched one by one, and each resumes from its own position', async () => {
  const api = await startTestApi()
  const inSpace = (name: string, namespace: string) => {
    const object = request(name)
    return { ...object, metadata: { ...object.metadata, namespace } }
  }
  for (const namespace of ['team-a', 'team-b', 'team-c']) api.store.create(resource, inSpace('old', namespace))
  const from = String(api.store.revision)
  for (const namespace of ['team-a', 'team-b', 'team-c']) api.store.create(resource, inSpace('new', namespace))
  const client = createClientFromText(api.server.kubeconfig, api.clock)
  const source = createCertificateRequests({
    ...{ client, clock: api.clock, pageSize: 500, namespaces: ['team-a', 'team-b'] },
    resumeFrom: (namespace) => (namespace === 'team-a' ? from : undefined),
  })
  const seen: string[] = []
  const end = new AbortController()
  source.start((one) => {
    if (one.kind === 'request')
      seen.push(
        `${one.request.namespace}/${one.request.name} ${one.listed ? 'listed' : one.change} in ${one.namespace ?? ''}`,
      )
    if (one.kind === 'requestDeleted') seen.push(`deleted in ${one.namespace ?? ''}`)
  }, end.signal)
  onTestFinished(async () => {
    end.abort()
    await source.close()
    client.close()
    await api.close()
  })
  const listed = (namespace: string) => ['new', 'old'].map((name) => `${namespace}/${name} listed in ${namespace}`)
  const all = [...listed('team-a'), ...listed('team-b'), 'team-a/new added in team-a']
  await eventually(() => expect(seen.toSorted()).toEqual(all.toSorted()))
  api.store.delete(resource, 'team-c', 'new')
  api.store.delete(resource, 'team-b', 'new')
  await eventually(() => expect(seen).toContain('deleted in team-b'))
  expect(seen).toHaveLength(6)
})
