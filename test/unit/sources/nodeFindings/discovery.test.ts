import { expect, it, onTestFinished } from 'vitest'
import type { Observation } from '../../../../src/ledger/observations.ts'
import { KubernetesError } from '../../../../src/kubernetes/kubernetesError.ts'
import { createNodeFindings } from '../../../../src/sources/nodeFindings/nodeFindings.ts'
import { ManualClock } from '../../../support/manualClock.ts'
import { slice } from '../../../support/nodeFindingsWorld.ts'
import { ScriptedClient } from '../../../support/scriptedClient.ts'
import { bookmark, listAt } from '../../../support/scriptedReflector.ts'

it('asks for the slices of the Service, and for no others, however it lists and watches them', async () => {
  const clock = new ManualClock()
  const old = new KubernetesError('protocol', 'sendInitialEvents is forbidden for watch', { status: 422 })
  const page = (next?: string) => ({ answer: { metadata: { resourceVersion: '5', continue: next }, items: [] } })
  const client = new ScriptedClient(clock, [old, page('more'), page()])
  const source = createNodeFindings({
    client,
    clock,
    pageSize: 500,
    service: { namespace: 'watch', name: 'nodes' },
    signer: { tokenFor: () => Promise.resolve('') },
  })
  source.start(() => undefined, new AbortController().signal)
  await clock.advance(0)
  await source.close()
  expect(client.requests.map(({ query }) => [query.labelSelector, query.limit, query.continue])).toEqual([
    ['kubernetes.io/service-name=nodes', undefined, undefined],
    ['kubernetes.io/service-name=nodes', '500', undefined],
    ['kubernetes.io/service-name=nodes', '500', 'more'],
    ['kubernetes.io/service-name=nodes', undefined, undefined],
  ])
})

it('follows nobody whose slice is deleted while it is listed', async () => {
  const clock = new ManualClock()
  const object = {
    ...slice('a', 1, { node: 'node-1' }),
    metadata: { uid: 'a', namespace: 'watch', name: 'a', resourceVersion: '4' },
  }
  const events = ['ADDED', 'DELETED'].map((type) => ({ type, object }))
  const observations: Observation[] = []
  const asked: string[] = []
  const source = createNodeFindings({
    client: new ScriptedClient(clock, [listAt('5', ...events)]),
    clock,
    pageSize: 500,
    service: { namespace: 'watch', name: 'nodes' },
    signer: { tokenFor: (node) => (asked.push(node), Promise.reject(new Error('nobody is to be asked'))) },
  })
  onTestFinished(() => source.close())
  source.start((observation) => observations.push(observation), new AbortController().signal)
  await clock.advance(0)
  expect(observations).toEqual([{ kind: 'contact', source: 'nodeFindings' }])
  expect(asked).toEqual([])
})

it('follows on whose slice is listed again and cannot be read', async () => {
  const clock = new ManualClock()
  const readable = slice('a', 1, { node: 'node-1' })
  const metadata = { uid: 'a', namespace: 'watch', name: 'a', resourceVersion: '4' }
  const list = (object: object) => listAt('5', { type: 'ADDED', object })
  const expired = new KubernetesError('expired', 'too old', { status: 410 })
  const observations: Observation[] = []
  const source = createNodeFindings({
    client: new ScriptedClient(clock, [
      ...[list({ ...readable, metadata }), expired, list({ metadata, endpoints: 'malformed' })],
      ...[expired, list({ ...readable, metadata: { ...metadata, uid: 'b' }, endpoints: [] })],
    ]),
    clock,
    pageSize: 500,
    service: { namespace: 'watch', name: 'nodes' },
    signer: { tokenFor: () => Promise.reject(new Error('no token')) },
  })
  onTestFinished(() => source.close())
  source.start((observation) => observations.push(observation), new AbortController().signal)
  const count = (kind: Observation['kind']) => observations.filter((one) => one.kind === kind).length
  await clock.advance(500)
  expect([count('rejected'), count('nodeEndpointGone')]).toEqual([1, 0])
  await clock.advance(1000)
  expect(count('nodeEndpointGone')).toBe(1)
})

it('has contact with each bookmark of the slices, and none in silence', async () => {
  const clock = new ManualClock()
  const lines = [bookmark('6'), bookmark('7')]
  const source = createNodeFindings({
    client: new ScriptedClient(clock, [listAt('5'), { lines, everyMs: 60_000 }]),
    clock,
    pageSize: 500,
    service: { namespace: 'watch', name: 'nodes' },
    signer: { tokenFor: () => Promise.resolve('') },
  })
  onTestFinished(() => source.close())
  const contacts: number[] = []
  source.start(({ kind }) => {
    if (kind === 'contact') contacts.push(clock.monotonicMs())
  }, new AbortController().signal)
  await clock.advance(240_000)
  expect(contacts).toEqual([0, 250, 60_000, 120_000])
})
