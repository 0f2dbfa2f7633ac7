import { describe, expect, it } from 'vitest'
import type { Change } from '../../../../src/world/apiServer/history.ts'
import { createStore, StoreError } from '../../../../src/world/apiServer/store.ts'
import { ManualClock } from '../../../support/manualClock.ts'
import { configMap } from '../../../support/testApi.ts'

const maps = 'configmaps'

function storeWith(...names: string[]) {
  const store = createStore(new ManualClock(Date.UTC(2026, 10, 22, 8, 1, 41, 998)))
  const objects = names.map((name) => store.create(maps, configMap(name)))
  return { store, objects }
}

function code(action: () => unknown): string {
  try {
    action()
  } catch (thrown) {
    if (thrown instanceof StoreError) return thrown.code
    throw thrown
  }
  return 'done'
}

describe('the object store', () => {
  it('gives a created object its uid, its creation time in whole seconds and the next revision', () => {
    const { store, objects } = storeWith('a', 'b')
    const [a, b] = objects.map(({ metadata }) => metadata)
    expect(a?.creationTimestamp).toBe('2026-11-22T08:01:41Z')
    expect(a?.uid).toMatch(/^[0-9a-f-]{36}$/)
    expect(b?.uid).not.toBe(a?.uid)
    expect(Number(b?.resourceVersion)).toBe(Number(a?.resourceVersion) + 1)
    expect(b?.resourceVersion).toBe(String(store.revision))
  })

  it('keeps a uid and a creation time that are given', () => {
    const { store } = storeWith()
    const metadata = { name: 'a', uid: 'recorded', creationTimestamp: '2026-01-01T00:00:00Z' }
    expect(store.create(maps, { ...configMap('a'), metadata }).metadata).toMatchObject(metadata)
  })

  it('keeps uid and creation time in an update', () => {
    const { store, objects } = storeWith('a')
    const updated = store.update(maps, configMap('a', { k: 'v' }))
    const { uid, creationTimestamp } = objects[0]?.metadata ?? {}
    expect(updated).toMatchObject({ data: { k: 'v' }, metadata: { uid, creationTimestamp } })
  })

  it('makes no revision of an update without a change', () => {
    const { store, objects } = storeWith('a')
    const before = store.revision
    expect(store.update(maps, configMap('a'))).toEqual(objects[0])
    expect(store.revision).toBe(before)
  })

  it.each([
    ['a second object of one name', 'AlreadyExists', configMap('a')],
    ['the same name in another namespace', 'done', configMap('a', {}, 'other')],
  ])('creating %s: %s', (_, expected, object) => {
    expect(code(() => storeWith('a').store.create(maps, object))).toBe(expected)
  })

  it.each([
    ['an object that is not there', 'NotFound', { name: 'b', namespace: 'default' }],
    ['an outdated state', 'Conflict', { name: 'a', namespace: 'default', resourceVersion: '1' }],
    ['the current state', 'done', { name: 'a', namespace: 'default', resourceVersion: '2' }],
    ['whatever state is there', 'done', { name: 'a', namespace: 'default' }],
  ])('updating %s: %s', (_, expected, metadata) => {
    const { store } = storeWith('a')
    expect(code(() => store.update(maps, { ...configMap('a', { new: 'data' }), metadata }))).toBe(expected)
  })

  it('deletes with a revision of its own', () => {
    const { store, objects } = storeWith('a')
    const before = store.revision
    const deleted = store.delete(maps, 'default', 'a')
    expect(deleted.metadata).toEqual({ ...objects[0]?.metadata, resourceVersion: String(before + 1) })
    expect(store.get(maps, 'default', 'a')).toBeUndefined()
    expect(code(() => store.delete(maps, 'default', 'a'))).toBe('NotFound')
  })

  it('lists in the order of names, of one namespace or of all', () => {
    const { store } = storeWith('b', 'a')
    store.create(maps, configMap('c', {}, 'another'))
    expect(store.list(maps).map(({ metadata }) => metadata.name)).toEqual(['c', 'a', 'b'])
    expect(store.list(maps, 'default').map(({ metadata }) => metadata.name)).toEqual(['a', 'b'])
  })

  it('hands out copies', () => {
    const { store } = storeWith('a')
    const copy = store.get(maps, 'default', 'a')
    if (copy) copy.metadata.labels = { changed: 'outside' }
    expect(store.get(maps, 'default', 'a')?.metadata.labels).toBeUndefined()
  })
})

describe('the history of the store', () => {
  it('knows the objects as they were at an earlier revision', () => {
    const { store } = storeWith('changed', 'deleted')
    const then = store.revision
    store.update(maps, configMap('changed', { k: 'v' }))
    store.delete(maps, 'default', 'deleted')
    store.create(maps, configMap('new'))
    const state = (revision: number) =>
      store.snapshot(maps, revision).map(({ name, json }) => [name, json.includes('"k"')])
    expect(state(then)).toEqual([
      ['changed', false],
      ['deleted', false],
    ])
    expect(state(store.revision)).toEqual([
      ['changed', true],
      ['new', false],
    ])
  })

  it('replays the changes after a revision to a follower, then goes on with new ones', () => {
    const { store } = storeWith('before')
    const seen: (string | undefined)[] = []
    const note = ({ current }: Change) => seen.push(current?.name)
    const from = store.revision
    store.create(maps, configMap('past'))
    const stop = store.follow(maps, from, note)
    store.create(maps, configMap('present'))
    store.create('pods', { ...configMap('other-resource'), kind: 'Pod' })
    stop()
    store.create(maps, configMap('after'))
    expect(seen).toEqual(['past', 'present'])
  })

  it('is forgotten by compaction, which followers outlive', () => {
    const { store } = storeWith('a')
    const seen: (string | undefined)[] = []
    const before = store.revision
    store.follow(maps, before, ({ current }) => seen.push(current?.name))
    store.compact()
    expect(code(() => store.snapshot(maps, before))).toBe('Expired')
    expect(() => store.follow(maps, before, () => undefined)).toThrow(
      `too old resource version: ${before} (${store.revision})`,
    )
    store.create(maps, configMap('b'))
    expect(seen).toEqual(['b'])
    expect(store.snapshot(maps, store.revision)).toHaveLength(2)
  })

  it('is bounded', () => {
    const { store } = storeWith('a')
    const before = store.revision
    for (let i = 0; i < 10_000; i++) store.update(maps, configMap('a', { i: String(i) }))
    expect(code(() => store.snapshot(maps, before))).toBe('done')
    store.update(maps, configMap('a', { i: 'one too many' }))
    expect(code(() => store.snapshot(maps, before))).toBe('Expired')
  })
})
