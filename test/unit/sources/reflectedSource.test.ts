import { expect, onTestFinished, test, vi } from 'vitest'
import { refusal } from '../../../src/kubernetes/kubernetesError.ts'
import type { Observation } from '../../../src/ledger/observations.ts'
import type { SourceName } from '../../../src/ledger/sight/observations.ts'
import { reflectedSource } from '../../../src/sources/reflectedSource.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { ScriptedClient } from '../../support/scriptedClient.ts'
import { event, listAt } from '../../support/scriptedReflector.ts'

/** What a source first reports if the API server, or what stands in its place, answers like this. */
async function firstReport(source: SourceName, status: number, answer: unknown): Promise<Observation | undefined> {
  const clock = new ManualClock()
  const seen: Observation[] = []
  const end = new AbortController()
  const running = reflectedSource({
    ...{ source, clock, client: new ScriptedClient(clock, [refusal('GET /apis', status, answer)]) },
    ...{ path: '/apis', pageSize: 500, project: (raw) => raw },
    onObject: () => undefined,
    onDeleted: () => undefined,
  })
  running.start((observation) => seen.push(observation), end.signal)
  onTestFinished(async () => {
    end.abort()
    await running.close()
  })
  await vi.waitFor(() => expect(seen).not.toEqual([]))
  return seen[0]
}

const notServed = '404 page not found\n'
const unknown = { kind: 'Status', message: 'the server could not find the requested resource', details: {} }
const forbidden = { kind: 'Status', message: 'certificaterequests.cert-manager.io is forbidden' }
const crd = 'the CRD certificaterequests.cert-manager.io is not installed'

test.each<[string, SourceName, number, unknown, Partial<Observation>]>([
  [
    'a custom resource that the API server does not have is absent',
    ...(['certificateRequests', 404, notServed] as const),
    { kind: 'absent', detail: `${crd}: GET /apis: status 404: 404 page not found` },
  ],
  ['so it is in the words of a built-in group', 'certificateRequests', 404, unknown, { kind: 'absent' }],
  [
    'a proxy that knows no such path is trouble',
    ...(['certificateRequests', 404, 'default backend - 404'] as const),
    { kind: 'trouble', reason: 'not_found', detail: 'GET /apis: status 404: default backend - 404' },
  ],
  [
    'who may not list a custom resource does not know whether it is there',
    ...(['certificateRequests', 403, forbidden] as const),
    {
      kind: 'trouble',
      reason: 'forbidden',
      detail: `GET /apis: status 403: certificaterequests.cert-manager.io is forbidden; a right is missing, or ${crd}: the API server checks rights first`,
    },
  ],
  [
    'a built-in resource that the API server does not have is trouble',
    ...(['csiNodes', 404, notServed] as const),
    { kind: 'trouble', reason: 'not_found', detail: 'GET /apis: status 404: 404 page not found' },
  ],
  [
    'a built-in resource that may not be listed is there',
    ...(['pods', 403, { kind: 'Status', message: 'pods is forbidden' }] as const),
    { kind: 'trouble', reason: 'forbidden', detail: 'GET /apis: status 403: pods is forbidden' },
  ],
])('%s', async (_, source, status, answer, expected) => {
  expect(await firstReport(source, status, answer)).toMatchObject({ source, ...expected })
})

test('an object that cannot be read is refused, and one that was listed is not gone', async () => {
  const clock = new ManualClock()
  const seen: Observation[] = []
  const end = new AbortController()
  const lines = [event('MODIFIED', 'watched', '6')]
  const running = reflectedSource({
    ...{
      source: 'pods',
      clock,
      client: new ScriptedClient(clock, [listAt('5', event('ADDED', 'listed', '3')), { lines }]),
    },
    ...{ path: '/api/v1/pods', namespaces: ['team-a'], pageSize: 500 },
    project: () => {
      throw new Error('spec: not an object')
    },
    onObject: () => undefined,
    onDeleted: () => undefined,
  })
  running.start((observation) => seen.push(observation), end.signal)
  onTestFinished(async () => {
    end.abort()
    await running.close()
  })
  await clock.advance(0)
  const rejection = { kind: 'rejected', source: 'pods', reason: 'malformed_object', detail: 'spec: not an object' }
  expect(seen.filter(({ kind }) => kind === 'rejected' || kind === 'unread')).toEqual([
    { ...rejection, where: 'listed' },
    { kind: 'unread', source: 'pods', namespace: 'team-a', uid: 'uid-listed' },
    { ...rejection, where: 'watched' },
  ])
})
