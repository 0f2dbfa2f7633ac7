import { expect, onTestFinished, test, vi } from 'vitest'
import type { Clock } from '../../../../src/clock.ts'
import { createClientFromText, type KubernetesClient } from '../../../../src/kubernetes/client.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import type { BundleCopyObservation, BundleCopyProblem } from '../../../../src/ledger/trust/observations.ts'
import { contentOf } from '../../../../src/sources/trustBundles/content.ts'
import { createTrustBundles } from '../../../../src/sources/trustBundles/configMaps.ts'
import { createTrustManagerBundles } from '../../../../src/sources/trustBundles/trustManager.ts'
import type { Source } from '../../../../src/sources/source.ts'
import type { KubernetesObject } from '../../../../src/world/apiServer/object.ts'
import { fixtureText, recordedPems } from '../../../support/fixtures.ts'
import { configMap, startTestApi } from '../../../support/testApi.ts'
import { createTestCa } from '../../../support/testCa.ts'

interface Parts {
  readonly client: KubernetesClient
  readonly clock: Clock
  readonly pageSize: number
}

/** A source over an embedded API server in which `existing` are there before it starts. */
async function watching(create: (parts: Parts) => Source, resource: string, existing: readonly KubernetesObject[]) {
  const api = await startTestApi()
  for (const object of existing) api.store.create(resource, object)
  const client = createClientFromText(api.server.kubeconfig, api.clock)
  const source = create({ client, clock: api.clock, pageSize: 500 })
  const seen: Observation[] = []
  const end = new AbortController()
  source.start((observation) => seen.push(observation), end.signal)
  onTestFinished(async () => {
    end.abort()
    await source.close()
    client.close()
    await api.close()
  })
  const eventually = (check: () => void) => vi.waitFor(check, { timeout: 10_000 })
  const count = (kind: Observation['kind']) => seen.filter((one) => one.kind === kind).length
  return { store: api.store, seen, count, eventually }
}

const recorded = (file: string): KubernetesObject => {
  const object = JSON.parse(fixtureText(`trust/${file}.json`)) as KubernetesObject
  return { ...object, metadata: { ...object.metadata, uid: undefined, resourceVersion: undefined } }
}

const copiesIn = (seen: readonly Observation[]): readonly BundleCopyObservation[] =>
  seen.flatMap((one) => (one.kind === 'bundleCopy' ? [one.copy] : []))

test('ConfigMaps of the given names are read in all namespaces, and no others', async () => {
  const { data } = recorded('configmap') as KubernetesObject & { readonly data: Record<string, string> }
  const { seen, count, eventually } = await watching(
    (parts) => createTrustBundles({ ...parts, names: ['spiffe-ca', 'partner-ca'] }),
    'configmaps',
    [
      recorded('configmap'),
      configMap('spiffe-ca', data, 'team-a'),
      configMap('partner-ca', { key: 'value' }, 'team-b'),
      configMap('others', data, 'team-a'),
    ],
  )
  await eventually(() => expect(count('contact')).toBe(2))
  const copies = copiesIn(seen)
  const placed = copies.map(({ namespace, name, content }) => [namespace, name, Object.keys(content)[0]])
  expect(placed.sort()).toEqual([
    ['default', 'spiffe-ca', 'bundle'],
    ['team-a', 'spiffe-ca', 'bundle'],
    ['team-b', 'partner-ca', 'problem'],
  ])
  const [one, other] = copies.filter(({ name }) => name === 'spiffe-ca').map(({ content }) => content)
  expect(one).toEqual(other)
  expect(one).toMatchObject({
    bundle: { certificates: 1, authorities: [{ keyId: '6e9204910961399ae885412e3e49bdbe0b781dfe' }] },
  })
  const written = copies.find(({ namespace }) => namespace === 'default')?.writtenMs
  expect(written).toBe(Date.parse('2026-12-01T04:54:13Z'))
})

test('each watch says which name it is about, so that a list of one says nothing of another', async () => {
  const { seen, count, eventually } = await watching(
    (parts) => createTrustBundles({ ...parts, names: ['one', 'two'], namespaces: ['team-a'] }),
    'configmaps',
    [],
  )
  await eventually(() => expect(count('contact')).toBe(2))
  const parts = seen.flatMap((step) => (step.kind === 'listed' ? [[step.namespace, step.name]] : []))
  expect(parts.sort()).toEqual([
    ['team-a', 'one'],
    ['team-a', 'two'],
  ])
})

test('a ConfigMap that is edited and deleted is told of', async () => {
  const { ca } = recordedPems('csi/cr-issued.json')
  const { store, seen, count, eventually } = await watching(
    (parts) => createTrustBundles({ ...parts, names: ['spiffe-ca'] }),
    'configmaps',
    [recorded('configmap')],
  )
  await eventually(() => expect(count('contact')).toBe(1))
  const before = store.get('configmaps', 'default', 'spiffe-ca')
  if (before === undefined) throw new Error('it is not stored')
  store.update('configmaps', { ...before, data: { 'ca.crt': ca } })
  store.delete('configmaps', 'default', 'spiffe-ca')
  await eventually(() => expect(seen.at(-1)).toEqual({ kind: 'bundleCopyDeleted', uid: before.metadata.uid }))
  expect(copiesIn(seen).at(-1)?.content).toMatchObject({
    bundle: { authorities: [{ keyId: 'bd9675dc073767c7d1b76d78715f5f1880239615' }] },
  })
})

test('a Bundle of trust-manager says whether it is synced, and what it says can be shown', async () => {
  const synced = recorded('bundle-synced')
  const failed = {
    ...synced,
    metadata: { name: 'lost' },
    status: {
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'Synced', status: 'False', reason: 'SourceNotFound', message: 'secrets "a"\n\u001b[2J not found' },
      ],
    },
  }
  const strange = {
    ...synced,
    metadata: { name: 'strange' },
    status: { conditions: [{ type: 'Synced', status: 'False', reason: 'no such "reason"' }] },
  }
  const fresh = { ...synced, metadata: { name: 'fresh' }, status: undefined }
  const { seen, count, eventually } = await watching(createTrustManagerBundles, 'bundles', [
    synced,
    failed,
    strange,
    fresh,
  ])
  await eventually(() => expect(count('contact')).toBe(1))
  const objects = seen.flatMap((one) => (one.kind === 'bundleObject' ? [one.object] : []))
  const sinceMs = Date.parse('2026-12-01T04:54:13Z')
  const message = 'Successfully synced Bundle to all namespaces'
  expect(objects.map(({ api, name, synced: state }) => [api, name, state])).toEqual([
    ['Bundle', 'fresh', undefined],
    ['Bundle', 'lost', { is: false, reason: 'SourceNotFound', message: 'secrets "a" [2J not found' }],
    ['Bundle', 'spiffe-ca', { is: true, reason: 'Synced', message, sinceMs }],
    ['Bundle', 'strange', { is: false, reason: '', message: '' }],
  ])
})

const { ca } = recordedPems('csi/cr-issued.json')

test.each<[string, readonly (readonly [string, string])[], { readonly problem: BundleCopyProblem }]>([
  ['without keys', [], { problem: 'no_certificates' }],
  ['without a certificate', [['ca.crt', 'soon']], { problem: 'no_certificates' }],
  ['with a damaged certificate', [['ca.crt', ca.replace('MII', 'AAA')]], { problem: 'malformed_certificate' }],
  ['with a damaged block', [['ca.crt', ca.replace('-----END', '----END')]], { problem: 'malformed_pem' }],
  [
    'with a damaged block beside a good one',
    [
      ['a', ca],
      ['b', ca.replace('-----END', '----END')],
    ],
    { problem: 'malformed_pem' },
  ],
  ['with too many certificates', [['ca.crt', ca.repeat(201)]], { problem: 'malformed_pem' }],
  [
    'with too many in several keys',
    [
      ['a', ca.repeat(101)],
      ['b', ca.repeat(101)],
    ],
    { problem: 'malformed_pem' },
  ],
  ['that is too large', [['ca.crt', ca + ' '.repeat(524_288)]], { problem: 'too_large' }],
])('a copy %s is of no use, and says why', (_, texts, expected) => {
  const content = contentOf(texts)
  expect(content).toMatchObject(expected)
  expect(content).toHaveProperty('detail', expect.stringMatching(/^[ -~]{1,400}$/))
})

test('a copy is all certificates of all keys, whatever else they have', async () => {
  const other = (await createTestCa()).certificatePem
  const both = contentOf([
    ['ca.crt', ca],
    ['note', 'ours'],
    ['more.pem', `# theirs\n${other}`],
  ])
  expect(both).toMatchObject({ bundle: { certificates: 2 } })
  expect(both).toEqual(contentOf([['all', other + ca]]))
})
