import { expect, it } from 'vitest'
import type { Observation } from '../../../../src/ledger/observations.ts'
import { change, mounted, namespace, nodeTells, pod, podList, request } from '../../../support/observations.ts'
import { podSeen, watch } from '../../../support/watchedLedger.ts'

const calm = namespace('team-a')
const muted = namespace('team-a', false, true)

/** Returns whether each workload is muted, by namespace and pod. */
const mutedOf = (...observations: readonly Observation[]) =>
  Array.from(watch(...observations).ledger.facts(), ({ labels, muted }) => [`${labels.namespace}/${labels.pod}`, muted])

it.each<[string, Observation[], boolean]>([
  ['nobody says so', [calm, podSeen()], false],
  ['its pod says so', [calm, podSeen({ muted: true })], true],
  ['its namespace says so', [muted, podSeen()], true],
  ['its namespace says so later', [podSeen(), calm, muted], true],
  ['its pod says so later', [calm, podSeen(), podSeen({ muted: true })], true],
  ['its pod no longer says so', [calm, podSeen({ muted: true }), podSeen()], false],
  ['its namespace no longer says so', [muted, podSeen(), calm], false],
  ['its namespace is gone', [muted, podSeen(), { kind: 'namespaceDeleted', uid: 'team-a' }], false],
  ['another namespace says so', [calm, namespace('team-b', false, true), podSeen()], false],
])('where %s, a workload is muted or not', (_, observations, expected) => {
  expect(mutedOf(...podList(), ...observations)).toEqual([['team-a/web-1', expected]])
})

it('a pod that is muted mutes no other', () => {
  const other = pod({ uid: 'pod-2', name: 'web-2' })
  expect(mutedOf(calm, ...podList(pod({ muted: true }), other))).toEqual([
    ['team-a/web-1', true],
    ['team-a/web-2', false],
  ])
})

it('a workload without a known pod is muted with its namespace, and a configured file never is', () => {
  expect(mutedOf(muted, change('added', request()))).toEqual([['team-a/web-1', true]])
  expect(mutedOf(muted, ...nodeTells('node-1', mounted()))).toEqual([['/pod-1', false]])
  const { reading } = mounted()
  expect(mutedOf(muted, { kind: 'file', file: { path: '/etc/tls.crt', reading } }, ...podList())).toEqual([
    ['/', false],
  ])
})
