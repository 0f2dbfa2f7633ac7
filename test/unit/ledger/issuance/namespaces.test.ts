import { describe, expect, it } from 'vitest'
import {
  maxOpen,
  parseCheckpoint,
  serializeCheckpoint,
  type Checkpoint,
} from '../../../../src/ledger/issuance/checkpoint.ts'
import type { RequestObservation } from '../../../../src/ledger/issuance/observations.ts'
import { fairShare } from '../../../../src/ledger/fairShare.ts'
import type { Ledger } from '../../../../src/ledger/ledger.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import { change, requestList } from '../../../support/observations.ts'
import { commit, gone, issued, pending, succeeded, watchWith } from '../../../support/watchedLedger.ts'

/** Returns observations as a watch of one namespace reports them. */
const within = (namespace: string, ...observations: readonly Observation[]): Observation[] =>
  observations.map((one) => {
    if (one.kind === 'request') return { ...one, namespace, request: { ...one.request, namespace } }
    return one.kind === 'requestDeleted' || 'resourceVersion' in one || one.kind === 'listing'
      ? { ...one, namespace }
      : one
  })
const list = (namespace: string, version: string, ...requests: RequestObservation[]) =>
  within(namespace, ...requestList(version, ...requests))

const watching = (namespaces: readonly string[] | undefined, ...observations: readonly Observation[]) =>
  watchWith({ namespaces }, ...observations).ledger

/** Restarts with these namespaces. Returns what the new process shows after its observations, and commits. */
function resumed(ledger: Ledger, namespaces: readonly string[] | undefined, ...observations: readonly Observation[]) {
  const checkpoint = ledger.checkpoint()
  const stored = parseCheckpoint(checkpoint ? serializeCheckpoint(checkpoint) : '')
  if ('problem' in stored) throw new Error(stored.problem)
  const again = watching(namespaces)
  again.showCommittedOnly(stored.checkpoint)
  observations.forEach(again.report)
  return commit(again)
}

const waiting = (ledger: Ledger) => [...ledger.requestCounts()].map(({ namespace, count }) => `${namespace} ${count}`)
const versions = (checkpoint: Checkpoint | undefined) =>
  checkpoint?.positions.map(({ namespace = 'all', resourceVersion }) => `${namespace} ${resourceVersion}`)

describe('namespaces that are watched one by one', () => {
  const both = () =>
    watching(['a', 'b'], ...list('a', '9', pending('one', '5')), ...list('b', '12', pending('two', '6')))

  it('have positions of their own', () => {
    const ledger = both()
    expect(versions(ledger.checkpoint())).toEqual(['a 9', 'b 12'])
    within('a', change('modified', issued('one', '20'))).forEach(ledger.report)
    expect(versions(ledger.checkpoint())).toEqual(['a 20', 'b 12'])
    expect([ledger.countedUntil('a'), ledger.countedUntil('b')]).toEqual(['20', '12'])
  })

  it('lose no request when another is listed again', () => {
    const ledger = both()
    list('a', '30').forEach(ledger.report)
    expect(waiting(ledger)).toEqual(['b 1'])
    within('b', change('modified', issued('two', '31'))).forEach(ledger.report)
    expect(succeeded(ledger)).toBe(1)
  })

  it('are deleted from one by one', () => {
    const ledger = both()
    within('b', gone('two', '40')).forEach(ledger.report)
    expect(waiting(ledger)).toEqual(['a 1'])
    expect(versions(ledger.checkpoint())).toEqual(['a 9', 'b 40'])
  })

  it('are committed while one of them was never seen', () => {
    const ledger = watching(['a', 'b'], ...list('a', '9', pending('one', '5')))
    expect(versions(ledger.checkpoint())).toEqual(['a 9'])
    ledger.report({ kind: 'listing', source: 'certificateRequests', namespace: 'a' })
    expect(ledger.checkpoint()).toBeUndefined()
  })

  it('each continue where they were counted up to', () => {
    const ledger = resumed(
      both(),
      ['a', 'b'],
      ...list('a', '50', issued('one', '15')),
      ...list('b', '50', issued('two', '16')),
      ...within('a', change('modified', issued('one', '15'))),
      ...within('b', change('modified', issued('two', '16'))),
    )
    expect(succeeded(ledger)).toBe(2)
  })
})

describe('after a restart', () => {
  const counted = () => {
    const ledger = watching(['a'], ...list('a', '9', pending('one', '5')))
    within('a', change('modified', issued('one', '10')), change('added', pending('two', '11'))).forEach(ledger.report)
    return commit(ledger)
  }
  const old = issued('old', '3')

  it.each<[string, readonly string[] | undefined, Observation[], number]>([
    [
      'a namespace that is new has no history',
      ['a', 'b'],
      [...list('a', '20', pending('two', '11')), ...list('b', '20', old)],
      1,
    ],
    [
      'a namespace that is new is counted from then on',
      ['a', 'b'],
      [...list('b', '20', old), ...within('b', change('added', issued('new', '21')))],
      2,
    ],
    ['a namespace that is no longer watched leaves its totals', ['b'], list('b', '20', old), 1],
    ['the whole cluster has no history', undefined, requestList('20', old, issued('one', '10')), 1],
    [
      'the whole cluster is counted from then on',
      undefined,
      [...requestList('20', old, issued('one', '10'), pending('two', '11')), change('modified', issued('two', '21'))],
      2,
    ],
  ])('%s', (_, namespaces, observations, count) => {
    expect(succeeded(resumed(counted(), namespaces, ...observations))).toBe(count)
  })

  it('namespaces continue from the position of the whole cluster, each for its own requests', () => {
    const whole = watching(undefined, ...requestList('9', pending('one', '5'), pending('two', '6')))
    whole.report(change('modified', issued('one', '10')))
    const ledger = resumed(
      commit(whole),
      ['a', 'b'],
      ...list('a', '20', issued('one', '10')),
      ...list('b', '20', issued('two', '15')),
      ...within('b', change('modified', issued('two', '15'))),
    )
    expect(succeeded(ledger)).toBe(2)
    const progress = { kind: 'progress', source: 'certificateRequests', resourceVersion: '21' } as const
    within('a', progress).forEach(ledger.report)
    within('b', progress).forEach(ledger.report)
    expect(ledger.checkpoint()?.positions.map(({ open }) => open)).toEqual([[], []])
  })
})

describe('the room for open requests', () => {
  it.each([
    [[5, 5], 10, 10],
    [[1, 9], 8, 7],
    [[100, 1, 100], 11, 5],
    [[3, 3, 3], 2, 1],
    [[], 7, 7],
  ])('of %j is cut to fit into %i: at most %i each', (lengths, room, share) => {
    expect(fairShare(lengths, room)).toBe(share)
  })

  it('goes to where they are, and the oldest are left out', () => {
    const ledger = watching(['a', 'b'], ...list('a', '1'), ...list('b', '1'))
    const uid = (index: number) => `${index}`.padStart(15, '0')
    within('b', change('added', pending(uid(maxOpen), '2'))).forEach(ledger.report)
    for (let index = 0; index < maxOpen; index += 1)
      within('a', change('added', pending(uid(index), String(index + 3)))).forEach(ledger.report)
    const [a, b] = ledger.checkpoint()?.positions ?? []
    expect([a?.open.length, b?.open]).toEqual([maxOpen - 1, [uid(maxOpen)]])
    expect(a?.open[0]).toBe(uid(1))
  })
})
