import { expect, test } from 'vitest'
import { BundleObjects } from '../../../../src/ledger/trust/bundleObjects.ts'
import type { TrustStep } from '../../../../src/ledger/trust/observations.ts'
import { SharedBundles } from '../../../../src/ledger/trust/sharedBundles.ts'
import { ManualClock } from '../../../support/manualClock.ts'
import { authority, bundleOf, epochMs } from '../../../support/observations.ts'

const minute = 60_000

/** A copy of the name in the namespace, whose uid names both. */
const copyOf = (namespace: string, name: string, letter = 'a', writtenMs?: number): TrustStep => ({
  kind: 'bundleCopy',
  copy: {
    ...{ uid: `${namespace}/${name}`, name, namespace },
    content: { bundle: bundleOf(authority(letter)) },
    ...(writtenMs !== undefined && { writtenMs }),
  },
})

function objectsIn(namespaces?: readonly string[]) {
  const clock = new ManualClock()
  const objects = new BundleObjects({ clock, shared: new SharedBundles(), namespaces })
  const uids = () => [...objects.copies()].map(({ uid }) => uid).sort()
  return { clock, objects, uids }
}

/** What a list of one name, and of one namespace if they are watched one by one, does. */
const list = (objects: BundleObjects, name: string, namespace: string | undefined, ...copies: readonly TrustStep[]) => {
  objects.history({ source: 'trustBundles', kind: 'listing', name, namespace })
  for (const copy of copies) objects.take(copy)
  objects.history({ source: 'trustBundles', kind: 'listed', resourceVersion: '1', name, namespace })
}

test('a list of ConfigMaps of one name takes nothing from those of another', () => {
  const { objects, uids } = objectsIn()
  list(objects, 'one', undefined, copyOf('a', 'one'), copyOf('b', 'one'))
  list(objects, 'two', undefined, copyOf('a', 'two'))
  expect(uids()).toEqual(['a/one', 'a/two', 'b/one'])
  list(objects, 'one', undefined, copyOf('b', 'one'))
  expect(uids()).toEqual(['a/two', 'b/one'])
})

test('nor does one of a namespace take anything from another namespace', () => {
  const { objects, uids } = objectsIn(['a', 'b'])
  list(objects, 'one', 'a', copyOf('a', 'one'))
  list(objects, 'one', 'b', copyOf('b', 'one'))
  list(objects, 'one', 'a')
  expect(uids()).toEqual(['b/one'])
})

test('a copy that cannot be read is as it was, and one that is deleted is gone', () => {
  const { objects, uids } = objectsIn()
  list(objects, 'one', undefined, copyOf('a', 'one'), copyOf('b', 'one'))
  objects.history({ source: 'trustBundles', kind: 'listing', name: 'one' })
  objects.history({ source: 'trustBundles', kind: 'unread', uid: 'a/one', name: 'one' })
  objects.history({ source: 'trustBundles', kind: 'listed', resourceVersion: '2', name: 'one' })
  expect(uids()).toEqual(['a/one'])
  objects.take({ kind: 'bundleCopyDeleted', uid: 'a/one' })
  expect(uids()).toEqual([])
})

test('a copy has its content since it was written, and since it was seen if nobody says when that was', async () => {
  const { clock, objects } = objectsIn()
  const since = () => [...objects.copies()].map(({ sinceMs }) => (sinceMs - epochMs) / minute)
  objects.take(copyOf('a', 'one', 'a', epochMs - 5 * minute))
  expect(since()).toEqual([-5])
  await clock.advance(minute)
  objects.take(copyOf('a', 'one', 'a', epochMs + minute))
  expect(since()).toEqual([-5])
  objects.take(copyOf('a', 'one', 'b'))
  expect(since()).toEqual([1])
  objects.take(copyOf('a', 'one', 'c', epochMs + 60 * minute))
  expect(since()).toEqual([1])
})

test('equal bundles are one object, as long as anything has them', () => {
  const { objects } = objectsIn()
  list(objects, 'one', undefined, copyOf('a', 'one'), copyOf('b', 'one'), copyOf('c', 'one', 'c'))
  const bundles = () => [...objects.copies()].map(({ content }) => 'bundle' in content && content.bundle)
  expect(new Set(bundles()).size).toBe(2)
  objects.take(copyOf('c', 'one'))
  expect(new Set(bundles()).size).toBe(1)
})

test('Bundles and ClusterBundles are listed apart', () => {
  const { objects } = objectsIn()
  const names = () => [...objects.bundles()].map(({ api, name }) => `${api}/${name}`)
  for (const api of ['Bundle', 'ClusterBundle'] as const)
    objects.take({ kind: 'bundleObject', object: { uid: api, api, name: 'ca' } })
  objects.history({ source: 'trustManagerBundles', kind: 'listing' })
  objects.history({ source: 'trustManagerBundles', kind: 'listed', resourceVersion: '1' })
  expect(names()).toEqual(['ClusterBundle/ca'])
  objects.take({ kind: 'bundleObjectDeleted', uid: 'ClusterBundle' })
  expect(names()).toEqual([])
  expect(objects.history({ source: 'pods', kind: 'listing' })).toBe(false)
})
