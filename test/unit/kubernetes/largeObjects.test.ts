import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { createClientFromText, type KubernetesClient } from '../../../src/kubernetes/client.ts'
import { ListBudget, shareBytes } from '../../../src/kubernetes/listBudget.ts'
import { runReflector } from '../../../src/kubernetes/reflector.ts'
import type { ApiServerOptions } from '../../../src/world/apiServer/server.ts'
import { eventually } from '../../support/eventually.ts'
import { projectItem, ReflectorRecorder } from '../../support/reflectorRecorder.ts'
import { configMap, startTestApi } from '../../support/testApi.ts'

/** Text that takes two bytes for each character in memory. */
const wideText = (length: number) => `€${'x'.repeat(length)}`
/** As much as etcd stores of an object, in a character that takes six bytes in JSON. */
const oversized = '\u0001'.repeat(1_500_000)

/** An API server with ConfigMaps, a client of it with one share, and what the client has asked for. */
async function startApi(options: Pick<ApiServerOptions, 'streamsLists'>) {
  const requests: URL[] = []
  const onRequest = (_method: string, path: string) => requests.push(new URL(path, 'http://api'))
  const api = await startTestApi({ ...options, onRequest })
  const client = createClientFromText(api.server.kubeconfig, systemClock)
  onTestFinished(async () => {
    client.close()
    await api.close()
  })
  const create = (name: string, value: string, blob = '') =>
    api.store.create('configmaps', configMap(name, { value, blob }))
  const update = (name: string, value: string, blob = '') =>
    api.store.update('configmaps', configMap(name, { value, blob }))
  const queries = (parameter: string) =>
    requests.flatMap(({ searchParams }) => searchParams.get(parameter) ?? []).map(Number)
  return { ...api, client, create, update, queries }
}

/** Runs a reflector of all ConfigMaps until the test ends. */
function reflect(client: KubernetesClient, pageSize = 50): ReflectorRecorder {
  const recorder = new ReflectorRecorder()
  const end = new AbortController()
  const { signal } = end
  const target = { client, clock: systemClock, path: '/api/v1/configmaps', signal }
  const run = runReflector({ ...target, project: projectItem, handler: recorder, pageSize })
  onTestFinished(async () => {
    end.abort()
    await run
  })
  return recorder
}

/** The client, with so many shares, and a record of the pages that it was answered: how long they were, and how many at once. */
function observed(client: KubernetesClient, shares: number) {
  const seen = { longest: 0, mostAtOnce: 0 }
  let atOnce = 0
  const request: KubernetesClient['request'] = async (method, path, options) => {
    seen.mostAtOnce = Math.max(seen.mostAtOnce, ++atOnce)
    try {
      const answer = await client.request(method, path, options)
      seen.longest = Math.max(seen.longest, JSON.stringify(answer).length)
      return answer
    } finally {
      atOnce -= 1
    }
  }
  const lines: KubernetesClient['lines'] = (path, options) => client.lines(path, options)
  const budget = new ListBudget(shares)
  return { seen, client: { budget, request, lines, close: () => undefined, describe: () => 'observed' } }
}

describe('a list in pages', () => {
  const sizes = { streamsLists: false }

  test('has fewer objects in a page where they are large, and more again after them', async () => {
    const api = await startApi(sizes)
    const small = Array.from({ length: 100 }, (_, i) => `z${String(i).padStart(3, '0')}`)
    const large = Array.from({ length: 12 }, (_, i) => `large-${String(i).padStart(2, '0')}`)
    for (const name of large) api.create(name, '1', wideText(1_300_000))
    for (const name of small) api.create(name, '1')
    const { client, seen } = observed(api.client, 1)
    const recorder = reflect(client)
    await eventually(() => expect(recorder.log).toContain('contact'))
    expect(recorder.known).toEqual([...large, ...small].map((name) => `${name}=1`))
    expect(recorder.log.filter((line) => /^(trouble|rejected)/.test(line))).toEqual([])
    expect(seen.longest).toBeLessThanOrEqual(shareBytes)
    expect(Math.min(...api.queries('limit'))).toBeLessThan(4)
    expect(api.queries('limit').at(-1)).toBeGreaterThan(20)
  })

  test('waits where others use up what all lists may hold', async () => {
    const api = await startApi(sizes)
    for (const name of ['a', 'b', 'c', 'd']) api.create(name, '1')
    const { client, seen } = observed(api.client, 2)
    const recorders = Array.from({ length: 6 }, () => reflect(client, 1))
    await eventually(() => expect(recorders.every(({ log }) => log.includes('contact'))).toBe(true))
    for (const { known } of recorders) expect(known).toEqual(['a=1', 'b=1', 'c=1', 'd=1'])
    expect(seen.mostAtOnce).toBe(2)
  })

  test.each([
    ['first', 'a'],
    ['among others', 'c'],
    ['last', 'z'],
  ])('goes on after an object that is too large and %s', async (_, name) => {
    const api = await startApi(sizes)
    for (const other of ['b', 'd', 'y']) api.create(other, '1')
    api.create(name, '1', oversized)
    const recorder = reflect(api.client)
    await eventually(() => expect(recorder.log).toContain('contact'))
    expect(recorder.known).toEqual(['b=1', 'd=1', 'y=1'])
    expect(recorder.log.filter((line) => /^(trouble|rejected)/.test(line))).toEqual([`rejected ${name}`])
  })
})

describe.each([
  ['in pages', false],
  ['as a stream', true],
])('a list %s', (_, streamsLists) => {
  test('names an object that is too large, and why', async () => {
    const api = await startApi({ streamsLists })
    api.create('huge', '1', oversized)
    const recorder = reflect(api.client)
    await eventually(() => expect(recorder.log).toContain('contact'))
    const { uid = '' } = api.store.get('configmaps', 'default', 'huge')?.metadata ?? {}
    expect(recorder.rejections).toEqual([
      {
        reason: 'oversized_object',
        where: 'default/huge',
        detail: 'its JSON is longer than 4 MiB, so it is not read',
        uid,
        listed: true,
      },
    ])
  })

  test('does not show an object as gone that has become too large', async () => {
    const api = await startApi({ streamsLists })
    for (const name of ['a', 'huge', 'z']) api.create(name, '1')
    const recorder = reflect(api.client)
    await eventually(() => expect(api.queries('resourceVersion')).not.toEqual([]))
    api.server.dropConnections()
    api.update('huge', '2', oversized)
    api.update('a', '2')
    api.store.delete('configmaps', 'default', 'z')
    api.store.compact()
    await eventually(() => expect(recorder.count('listed')).toBe(2))
    expect(recorder.known).toEqual(['a=2', 'huge=1'])
  })
})

describe('a watch', () => {
  test('goes on after an object that has become too large, and until it is gone', async () => {
    const api = await startApi({})
    for (const name of ['a', 'huge']) api.create(name, '1')
    const recorder = reflect(api.client)
    await eventually(() => expect(api.queries('resourceVersion')).not.toEqual([]))
    api.update('huge', '2', oversized)
    api.update('a', '2')
    api.update('huge', '3')
    api.update('huge', '4', oversized)
    api.store.delete('configmaps', 'default', 'huge')
    api.update('a', '3')
    await eventually(() => expect(recorder.known).toEqual(['a=3']))
    expect(recorder.log.slice(recorder.log.indexOf('contact') + 1)).toEqual([
      ...['rejected huge', 'modified a=2', 'modified huge=3', 'rejected huge', 'deleted huge', 'modified a=3'],
    ])
    expect(api.queries('resourceVersion')).toHaveLength(1)
  })
})
