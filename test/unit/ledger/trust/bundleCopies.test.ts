import { expect, it } from 'vitest'
import type { BundleContent } from '../../../../src/ledger/trust/observations.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import { authority, bundleOf, epochMs } from '../../../support/observations.ts'
import { minute, watch } from '../../../support/watchedLedger.ts'

const [oldCa, newCa] = [authority('a', { notAfterMs: epochMs + 5 * minute }), authority('b')]

/** A copy with a bundle of its own, as each object is read by itself. */
const copy = (
  namespace: string,
  content: BundleContent,
  given: { readonly name?: string; readonly writtenMs?: number } = {},
): Observation => ({
  kind: 'bundleCopy',
  copy: { uid: `${namespace}/${given.name ?? ''}`, name: 'spiffe-trust', namespace, content, ...given },
})

const both = (): BundleContent => ({ bundle: bundleOf(oldCa, newCa) })
const old = (): BundleContent => ({ bundle: bundleOf(oldCa) })
const unreadable: BundleContent = { problem: 'no_certificates', detail: 'no key has a certificate' }

it('copies are compared with the certificates that most have, however often these were read', () => {
  const { ledger } = watch(copy('a', both()), copy('b', old()), copy('c', both()), copy('d', unreadable))
  expect([...ledger.bundleCopies()]).toMatchObject([
    {
      name: 'spiffe-trust',
      current: 2,
      different: { count: 1, first: ['b'] },
      unreadable: { count: 1, first: ['d'] },
      areNested: true,
      bundle: bundleOf(oldCa, newCa),
      firstEndMs: epochMs + 5 * minute,
    },
  ])
})

it('of as many copies of each kind, those with the newest authority are the current ones', () => {
  const newest = bundleOf(authority('c', { notBeforeMs: epochMs }))
  const { ledger } = watch(copy('a', { bundle: newest }), copy('b', old()))
  expect([...ledger.bundleCopies()]).toMatchObject([{ current: 1, different: { first: ['b'] }, areNested: false }])
})

it('the last change counts, as the API server has written it, and only a change of the certificates', async () => {
  const { ledger, clock } = watch(copy('a', old(), { writtenMs: epochMs - minute }), copy('b', old(), { writtenMs: 0 }))
  expect([...ledger.bundleCopies()]).toMatchObject([{ changedMs: epochMs - minute }])
  await clock.advance(minute)
  ledger.report(copy('b', old()))
  expect([...ledger.bundleCopies()]).toMatchObject([{ changedMs: epochMs - minute }])
  ledger.report(copy('b', both()))
  expect([...ledger.bundleCopies()]).toMatchObject([{ changedMs: epochMs + minute, different: { count: 1 } }])
})

it('a ClusterTrustBundle is no copy of a ConfigMap of the same name, and has no namespace', () => {
  const { ledger } = watch(copy('a', old()), copy('', both()))
  const views = [...ledger.bundleCopies()].map(({ name, namespaces }) => [name, [...namespaces.keys()]])
  expect(views.sort()).toEqual([
    ['ClusterTrustBundle/spiffe-trust', []],
    ['spiffe-trust', ['a']],
  ])
})

it('of many different copies ten are named, the first in alphabetical order', () => {
  const names = Array.from({ length: 30 }, (_, index) => `ns-${String((index * 7) % 30).padStart(2, '0')}`)
  const others = Array.from({ length: 31 }, (_, index) => copy(`current-${index}`, both()))
  const { ledger } = watch(...others, ...names.map((name) => copy(name, old())))
  const [view] = ledger.bundleCopies()
  expect(view?.different).toEqual({ count: 30, first: names.toSorted().slice(0, 10) })
})
