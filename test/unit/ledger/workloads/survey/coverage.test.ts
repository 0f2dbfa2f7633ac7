import { describe, expect, it } from 'vitest'
import type { Ledger } from '../../../../../src/ledger/ledger.ts'
import type { Observation } from '../../../../../src/ledger/observations.ts'
import type { PodObservation } from '../../../../../src/ledger/workloads/observations.ts'
import { change, mounted, namespace, nodeTells, pod, podList, request, svid } from '../../../../support/observations.ts'
import { podGone, watch } from '../../../../support/watchedLedger.ts'
import { volumeHash } from '../../../../../src/identity/volumeHash.ts'
import { surveyOf } from '../../../../support/ledgerReading.ts'

const plain = (overrides: Partial<PodObservation> = {}): PodObservation =>
  pod({ uid: 'plain', name: 'plain', volumes: [], needs: [], ...overrides })
const expired = svid({}, 61)
const issued = (overrides: Parameters<typeof request>[0] = {}) => change('added', request(overrides))
const other = volumeHash('pod-1', 'other')

/** The counts of a namespace: expired, pending, valid, none. */
const counts = (ledger: Ledger): Record<string, number[]> => {
  const all: Record<string, number[]> = {}
  for (const { namespace: of, count } of surveyOf(ledger).workloads) (all[of] ??= []).push(count)
  return all
}

describe('coverage', () => {
  it.each<[string, Observation[], Record<string, number[]>]>([
    ['pending: nothing is known', podList(pod()), { 'team-a': [0, 1, 0, 0] }],
    ['valid: issued', [...podList(pod()), issued()], { 'team-a': [0, 0, 1, 0] }],
    ['expired: issued', [...podList(pod()), issued({ svid: expired })], { 'team-a': [1, 0, 0, 0] }],
    ['valid: mounted', [...podList(pod()), ...nodeTells('node-1', mounted())], { 'team-a': [0, 0, 1, 0] }],
    [
      'expired: mounted wins over issued',
      [...podList(pod()), issued(), ...nodeTells('node-1', mounted({ reading: { svid: expired } }))],
      { 'team-a': [1, 0, 0, 0] },
    ],
    [
      'valid: mounted wins over issued',
      [...podList(pod()), issued({ svid: expired }), ...nodeTells('node-1', mounted())],
      { 'team-a': [0, 0, 1, 0] },
    ],
    [
      'valid: issued, where the file cannot be read',
      [...podList(pod()), issued(), ...nodeTells('node-1', mounted({ reading: { problem: 'missing', detail: '' } }))],
      { 'team-a': [0, 0, 1, 0] },
    ],
    [
      'pending: one of two volumes has none',
      [...podList(pod({ volumes: ['spiffe', 'other'] })), issued()],
      { 'team-a': [0, 1, 0, 0] },
    ],
    [
      'expired: one of two volumes has an expired one, the other none',
      [...podList(pod({ volumes: ['other', 'spiffe'] })), issued({ svid: expired })],
      { 'team-a': [1, 0, 0, 0] },
    ],
    [
      'valid: both volumes have one',
      [...podList(pod({ volumes: ['spiffe', 'other'] })), issued(), issued({ uid: 'r2', volumeHash: other })],
      { 'team-a': [0, 0, 1, 0] },
    ],
    ['none: beside one that mounts a volume', podList(pod(), plain()), { 'team-a': [0, 1, 0, 1] }],
    ['not told: no pod of the namespace uses SVIDs', podList(plain()), {}],
    ['none: the namespace expects SVIDs', [namespace('team-a', true), ...podList(plain())], { 'team-a': [0, 0, 0, 1] }],
    ['not told: the namespace does not say so', [namespace('team-a'), ...podList(plain())], {}],
    [
      'not told: the namespace says so no more',
      [namespace('team-a', true), ...podList(plain()), namespace('team-a')],
      {},
    ],
    [
      'all zero: the namespace expects SVIDs and has no pods',
      [namespace('team-b', true), ...podList()],
      { 'team-b': [0, 0, 0, 0] },
    ],
    ['nothing, before all pods are known', [namespace('team-b', true), { kind: 'pod', pod: pod() }], {}],
    ['not counted: not placed', podList(pod(), plain({ node: '' })), { 'team-a': [0, 1, 0, 0] }],
    ['not counted: ended', podList(pod(), plain({ ended: true })), { 'team-a': [0, 1, 0, 0] }],
    ['not counted: gone', [...podList(pod()), podGone], {}],
    [
      'not counted: agents',
      podList(pod(), plain({ agent: { name: 'csi-driver-spiffe', ready: true } })),
      { 'team-a': [0, 1, 0, 0] },
    ],
  ])('%s', (_, observations, expected) => {
    expect(counts(watch(...observations).ledger)).toEqual(expected)
  })

  it('goes by what was issued where nobody has looked at the mounted copy since', async () => {
    const { ledger, clock } = watch(
      ...podList(pod()),
      ...nodeTells('node-1', mounted({ reading: { svid: expired } })),
      { kind: 'nodeTrouble', node: 'node-1', reason: 'timeout', detail: '' },
    )
    await clock.advance(1)
    ledger.report(issued())
    expect(counts(ledger)).toEqual({ 'team-a': [0, 0, 1, 0] })
    ledger.report({ kind: 'nodeContact', node: 'node-1' })
    expect(counts(ledger)).toEqual({ 'team-a': [1, 0, 0, 0] })
  })

  it('names the states from the worst to the best', () => {
    const { ledger } = watch(...podList(pod()))
    expect(surveyOf(ledger).workloads.map(({ state }) => state)).toEqual(['expired', 'pending', 'valid', 'none'])
  })
})

describe('posture', () => {
  it('counts the pods that have not ended by namespace and finding, and only what there is', () => {
    const { ledger } = watch(
      ...podList(
        pod({ posture: ['host_pid', 'socket_file_mount'] }),
        pod({ uid: 'b', posture: ['host_pid'], node: '' }),
        pod({ uid: 'c', posture: ['host_pid'], ended: true }),
        pod({ uid: 'd', posture: ['socket_file_mount'], namespace: 'team-b' }),
        pod({ uid: 'e', namespace: 'team-c' }),
      ),
    )
    expect([...ledger.posture()]).toEqual([
      { namespace: 'team-a', finding: 'host_pid', count: 2 },
      { namespace: 'team-a', finding: 'socket_file_mount', count: 1 },
      { namespace: 'team-b', finding: 'socket_file_mount', count: 1 },
    ])
    podList().forEach(ledger.report)
    expect([...ledger.posture()]).toEqual([])
  })
})
