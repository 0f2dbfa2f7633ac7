import { describe, expect, it } from 'vitest'
import type { Ledger } from '../../../../src/ledger/ledger.ts'
import { emptyMemory } from '../../../../src/ledger/memory.ts'
import { sourceNames, type SourceName } from '../../../../src/ledger/sight/observations.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import { memoryOf, surveyOf } from '../../../support/ledgerReading.ts'
import { epochMs, mounted, nodeTells, pod, podList, request, svid } from '../../../support/observations.ts'
import { copies, hour, watchWith } from '../../../support/watchedLedger.ts'

/** Returns observations as a watch of one namespace reports them. */
const within = (namespace: string, ...observations: readonly Observation[]): Observation[] =>
  observations.map((one) => ({ ...one, namespace }) as Observation)

const podIn = (namespace: string, overrides: Parameters<typeof pod>[0] = {}) =>
  pod({ uid: `uid-${namespace}`, namespace, name: `pod-${namespace}`, ...overrides })
const list = (namespace: string, ...pods: ReturnType<typeof pod>[]) => within(namespace, ...podList(...pods))
const ofCluster: readonly SourceName[] = ['namespaces', 'nodes', 'csiNodes']
const sources = sourceNames.filter((name) => !ofCluster.includes(name))
const watch = (...observations: readonly Observation[]) =>
  watchWith({ sources, namespaces: ['a', 'b'] }, ...observations)
const states = (ledger: Ledger) =>
  surveyOf(ledger).workloads.flatMap(({ namespace, state, count }) => (count > 0 ? [`${namespace} ${state}`] : []))
const foundOn = (node: string, ...namespaces: readonly string[]) =>
  nodeTells(node, ...namespaces.map((namespace) => mounted({ podUid: `uid-${namespace}` })))
const held = (ledger: Ledger) =>
  [...ledger.nodeRoles()].map(({ node, findings, refused, up }) => ({ node, findings, refused, up }))
const endpointGone = (node: string): Observation => ({ kind: 'nodeEndpointGone', node })

describe('pods of namespaces that are watched one by one', () => {
  it('stay when another namespace is listed again without its pods', () => {
    const { ledger } = watch(...list('a', podIn('a')), ...list('b', podIn('b')), ...list('a'))
    expect(states(ledger)).toEqual(['b pending'])
  })

  it('stay while another list breaks off, and leave when it is complete', () => {
    const { ledger } = watch(...list('a', podIn('a')), ...list('b', podIn('b')))
    within('b', { kind: 'listing', source: 'pods' }).forEach(ledger.report)
    expect(states(ledger)).toEqual(['a pending', 'b pending'])
    within('b', { kind: 'listed', source: 'pods', resourceVersion: '9' }).forEach(ledger.report)
    expect(states(ledger)).toEqual(['a pending'])
  })

  it('stay when they are listed again and cannot be read', () => {
    const { ledger } = watch(...list('a', podIn('a')), ...list('b', podIn('b')))
    const unread = (uid: string): Observation => ({ kind: 'unread', source: 'pods', uid })
    within('a', { kind: 'listing', source: 'pods' }, unread('uid-a'), unread('uid-b')).forEach(ledger.report)
    within('a', { kind: 'listed', source: 'pods', resourceVersion: '9' }).forEach(ledger.report)
    expect(states(ledger)).toEqual(['a pending', 'b pending'])
    list('a').forEach(ledger.report)
    expect(states(ledger)).toEqual(['b pending'])
  })

  it('are counted where they were listed, although another namespace never was', () => {
    const { ledger } = watch(...list('a', podIn('a')), { kind: 'pod', pod: podIn('b') })
    expect(states(ledger)).toEqual(['a pending'])
  })

  it('are deleted by uid', () => {
    const { ledger } = watch(...list('a', podIn('a')), ...list('b', podIn('b')), { kind: 'podDeleted', uid: 'uid-b' })
    expect(states(ledger)).toEqual(['a pending'])
  })

  it('are shown by their requests until they are listed, each namespace for itself', () => {
    const requested = (namespace: string): Observation => ({
      ...{ kind: 'request', change: 'added', listed: false, namespace },
      request: request({
        uid: namespace,
        namespace,
        owner: { podUid: `uid-${namespace}`, podName: `pod-${namespace}` },
      }),
    })
    const { ledger } = watch(...list('a'), requested('a'), requested('b'))
    expect(copies(ledger).map((copy) => copy.split('/')[0])).toEqual(['issued pod-b'])
  })

  it('are remembered until their namespace is listed', () => {
    const remembered = (namespace: string) => ({
      ...{ podUid: `uid-${namespace}`, volume: 'spiffe', issuer: 'ClusterIssuer/spiffe-ca', uid: namespace },
      ...{ createdMs: epochMs, svid: svid() },
    })
    const { ledger } = watch()
    ledger.restore({ ...emptyMemory, svids: ['a', 'b', 'c'].map(remembered) })
    const known = () => memoryOf(ledger).svids.map(({ podUid }) => podUid)
    list('a', podIn('a')).forEach(ledger.report)
    expect(copies(ledger)).toEqual([`issued pod-a/spiffe ${hour}`])
    expect(known()).toEqual(expect.arrayContaining(['uid-a', 'uid-b', 'uid-c']))
    list('b', podIn('b')).forEach(ledger.report)
    expect(copies(ledger)).toHaveLength(2)
    expect(known()).toEqual(['uid-a', 'uid-b'])
  })
})

describe('findings about pods in other namespaces', () => {
  it.each<[string, Observation[]]>([
    ['once pods were listed', [...list('a', podIn('a')), ...list('b')]],
    ['while pods of one namespace were never listed', list('a', podIn('a'))],
  ])('are neither shown nor refused nor counted as workloads, %s', (_, pods) => {
    const { ledger } = watch(...foundOn('node-1', 'a', 'c', 'd'), ...pods)
    expect(copies(ledger)).toEqual([`mounted pod-a/spiffe ${hour}`])
    expect(states(ledger)).toEqual(['a valid'])
    expect(surveyOf(ledger).unreadable).toEqual([])
    expect(held(ledger)).toEqual([{ node: 'node-1', findings: 3, refused: 0, up: true }])
    const rejected = ledger.sources().flatMap(({ rejections }) => [...rejections.values()])
    expect(rejected.filter((count) => count > 0)).toEqual([])
  })

  it('are none of ours before any pods were listed', () => {
    expect(copies(watch(...foundOn('node-1', 'a', 'c')).ledger)).toEqual([])
  })
})

describe('a node role, where nodes are not watched', () => {
  const silent = (node: string): Observation => ({ kind: 'nodeTrouble', node, reason: 'timeout', detail: 'silence' })

  it('is told only where a pod that is watched runs', () => {
    const { ledger } = watch(...list('a', podIn('a')), ...foundOn('node-1', 'a'), silent('node-1'), silent('node-2'))
    expect(held(ledger).map(({ node }) => node)).toEqual(['node-1', 'node-2'])
    list('b').forEach(ledger.report)
    expect(held(ledger).map(({ node }) => node)).toEqual(['node-1'])
  })
})

describe('a node whose node role has no endpoint any more, where nodes are not watched', () => {
  it('is told while a pod that is watched runs there, and is forgotten once none does', () => {
    const pods = [...list('a', podIn('a', { node: 'node-1' })), ...list('b')]
    const { ledger } = watch(...pods, ...foundOn('node-1', 'a'), ...foundOn('node-2', 'c'))
    ledger.report(endpointGone('node-2'))
    ledger.report(endpointGone('node-1'))
    expect(held(ledger)).toEqual([{ node: 'node-1', findings: 1, refused: 0, up: false }])
    ledger.report({ kind: 'podDeleted', uid: 'uid-a' })
    ledger.forgetOld()
    expect(held(ledger)).toEqual([])
  })

  it('is told until pods were listed', () => {
    const { ledger } = watch(...list('a'), ...foundOn('node-1', 'a'), endpointGone('node-1'))
    ledger.forgetOld()
    expect(held(ledger)).toHaveLength(1)
    list('b').forEach(ledger.report)
    ledger.forgetOld()
    expect(held(ledger)).toEqual([])
  })
})
