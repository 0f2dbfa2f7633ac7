import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { configMap, startTestApi, type TestApi, type WatchEvent } from '../../../support/testApi.ts'

const maps = '/api/v1/configmaps'
const watchList = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: 'true' }

let api: TestApi
beforeEach(async () => {
  api = await startTestApi()
})
afterEach(() => api.close())

function create(...objects: string[]) {
  return objects.map((name) => api.store.create('configmaps', configMap(name)))
}

type Watch = Awaited<ReturnType<TestApi['watch']>>

async function take(watch: Watch, count: number): Promise<WatchEvent[]> {
  const events: WatchEvent[] = []
  while (events.length < count) {
    const event = await watch.next()
    if (event === undefined) throw new Error(`the watch ended after ${events.length} events`)
    events.push(event)
  }
  return events
}

const brief = (events: WatchEvent[]) => events.map(({ type, object }) => `${type} ${object.metadata.name}`)

describe('a watch', () => {
  it('tells what happened since its version, and what happens, in order', async () => {
    create('before')
    const resourceVersion = String(api.store.revision)
    create('a')
    const watch = await api.watch(maps, { resourceVersion })
    const changed = api.store.update('configmaps', configMap('a', { k: 'v' }))
    const deleted = api.store.delete('configmaps', 'default', 'a')
    const events = await take(watch, 3)
    expect(brief(events)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a'])
    expect(events.slice(1).map(({ object }) => object)).toEqual([changed, deleted])
  })

  it.each([
    ['no version', {}],
    ['version 0', { resourceVersion: '0' }],
  ])('from %s begins with the objects that are there', async (_, query) => {
    create('a', 'b')
    const watch = await api.watch(maps, query)
    expect(brief(await take(watch, 2))).toEqual(['ADDED a', 'ADDED b'])
    create('c')
    expect(brief(await take(watch, 1))).toEqual(['ADDED c'])
  })

  it('tells only of its namespace and resource', async () => {
    const watch = await api.watch('/api/v1/namespaces/shop/configmaps', { resourceVersion: '1' })
    create('elsewhere')
    api.store.create('pods', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod', namespace: 'shop' } })
    api.store.create('configmaps', configMap('here', {}, 'shop'))
    expect(brief(await take(watch, 1))).toEqual(['ADDED here'])
  })

  it('takes an object that comes to be selected for new, and one that ceases to be for deleted', async () => {
    const watch = await api.watch(maps, { resourceVersion: '1', labelSelector: 'app=web' })
    const labelled = (labels: Record<string, string>) => ({
      ...configMap('a'),
      metadata: { ...configMap('a').metadata, labels },
    })
    api.store.create('configmaps', labelled({}))
    api.store.update('configmaps', labelled({ app: 'web' }))
    api.store.update('configmaps', labelled({ app: 'web', more: '1' }))
    const { metadata } = api.store.update('configmaps', labelled({ more: '1' }))
    const events = await take(watch, 3)
    expect(brief(events)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a'])
    const { labels, resourceVersion } = events[2]?.object.metadata ?? {}
    expect({ labels, resourceVersion }).toEqual({
      labels: { app: 'web', more: '1' },
      resourceVersion: metadata.resourceVersion,
    })
  })

  it('from a version that is forgotten ends with an ERROR event 410', async () => {
    const resourceVersion = String(api.store.revision)
    create('a')
    api.store.compact()
    const watch = await api.watch(maps, { resourceVersion })
    expect(watch.code).toBe(200)
    expect(await watch.next()).toMatchObject({
      type: 'ERROR',
      object: {
        kind: 'Status',
        code: 410,
        reason: 'Expired',
        message: `too old resource version: ${resourceVersion} (${api.store.revision})`,
      },
    })
    expect(await watch.next()).toBeUndefined()
  })

  it('outlives a compaction that it is not behind of', async () => {
    const watch = await api.watch(maps, { resourceVersion: String(api.store.revision) })
    create('a')
    await take(watch, 1)
    api.store.compact()
    create('b')
    expect(brief(await take(watch, 1))).toEqual(['ADDED b'])
  })

  it('ends normally at its timeout', async () => {
    const watch = await api.watch(maps, { resourceVersion: '1', timeoutSeconds: '300' })
    await api.clock.advance(299_999)
    create('in-time')
    expect(brief(await take(watch, 1))).toEqual(['ADDED in-time'])
    await api.clock.advance(1)
    expect(await watch.next()).toBeUndefined()
  })

  it('ends by itself after 30 to 60 minutes', async () => {
    const watch = await api.watch(maps, { resourceVersion: '1' })
    await api.clock.advance(45 * 60_000)
    expect(await watch.next()).toBeUndefined()
  })
})

describe('bookmarks', () => {
  it('come every minute and shortly before the end, with nothing but the version', async () => {
    const watch = await api.watch(maps, { resourceVersion: '1', allowWatchBookmarks: 'true', timeoutSeconds: '100' })
    api.store.create('pods', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod', namespace: 'shop' } })
    await api.clock.advance(60_000)
    const revision = String(api.store.revision)
    expect(await watch.next()).toEqual({
      type: 'BOOKMARK',
      object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: revision } },
    })
    await api.clock.advance(38_000)
    expect(await watch.next()).toMatchObject({ type: 'BOOKMARK' })
    await api.clock.advance(2_000)
    expect(await watch.next()).toBeUndefined()
  })

  it('are left out where they are not asked for', async () => {
    const watch = await api.watch(maps, { resourceVersion: '1' })
    await api.clock.advance(60_000)
    create('a')
    expect(brief(await take(watch, 1))).toEqual(['ADDED a'])
  })
})

describe('a watch-list', () => {
  it('gives the objects, a bookmark at their end, then changes', async () => {
    create('b', 'a')
    const watch = await api.watch(maps, watchList)
    const [first, second, end] = await take(watch, 3)
    expect(brief([first, second].filter((event) => event !== undefined))).toEqual(['ADDED a', 'ADDED b'])
    expect(end).toEqual({
      type: 'BOOKMARK',
      object: {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: {
          resourceVersion: String(api.store.revision),
          annotations: { 'k8s.io/initial-events-end': 'true' },
        },
      },
    })
    create('c')
    expect(brief(await take(watch, 1))).toEqual(['ADDED c'])
  })

  it('can be refused its initial events', async () => {
    create('a')
    const resourceVersion = String(api.store.revision)
    const watch = await api.watch(maps, { ...watchList, sendInitialEvents: 'false', resourceVersion })
    create('b')
    expect(brief(await take(watch, 1))).toEqual(['ADDED b'])
  })

  it('is refused by an API server without streaming lists', async () => {
    const old = await startTestApi({ streamsLists: false })
    onTestFinished(() => old.close())
    const answer = await old.request(
      'GET',
      `${maps}?${new URLSearchParams({ watch: 'true', ...watchList }).toString()}`,
    )
    expect(answer).toMatchObject({ code: 422, body: { reason: 'Invalid' } })
    expect((await old.watch(maps)).code).toBe(200)
  })

  it('from a version that is not there yet ends with an ERROR event 504', async () => {
    const watch = await api.watch(maps, { ...watchList, resourceVersion: '1000' })
    expect(await watch.next()).toMatchObject({ type: 'ERROR', object: { code: 504, reason: 'Timeout' } })
    expect(await watch.next()).toBeUndefined()
  })
})

it('cuts a watcher that does not read, when too much waits for it', async () => {
  const headers = { authorization: `Bearer ${api.server.token}` }
  const watcher = httpRequest(`${api.server.url}${maps}?watch=true&resourceVersion=1`, { headers }).end()
  const [response] = (await once(watcher, 'response')) as [IncomingMessage]
  response.pause()
  const filler = 'x'.repeat(1_000_000)
  create('a')
  for (let i = 0; i < 20; i++) api.store.update('configmaps', configMap('a', { filler, i: String(i) }))
  await api.clock.advance(0)
  for (let i = 0; i <= 10_000; i++) api.store.update('configmaps', configMap('a', { i: String(i) }))
  response.resume()
  await expect(once(response, 'end')).rejects.toThrow('aborted')
})
