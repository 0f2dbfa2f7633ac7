import { describe, expect, it } from 'vitest'
import { maxOpen, parseCheckpoint, serializeCheckpoint, type Checkpoint } from '../../../src/ledger/checkpoint.ts'
import { Ledger } from '../../../src/ledger/ledger.ts'
import type { Observation } from '../../../src/ledger/observations.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { change, epochMs, request, requestList, svid } from '../../support/observations.ts'

const clock = new ManualClock()

function ledgerAfter(...observations: Observation[]): Ledger {
  const ledger = new Ledger({ clock, sources: ['certificateRequests', 'pods'], maxIssuers: 10 })
  observations.forEach(ledger.report)
  return ledger
}

/** The sum of a counter over its labels. */
const sum = (ledger: Ledger, name: 'attestationSuccess' | 'attestationFailure' | 'identityMismatches'): number =>
  [...ledger.totals(name)].reduce((all, total) => all + ('value' in total ? total.value : 0), 0)

const succeeded = (ledger: Ledger) => sum(ledger, 'attestationSuccess')
const failed = (ledger: Ledger) => sum(ledger, 'attestationFailure')

const pending = (uid: string, resourceVersion: string) =>
  request({ uid, resourceVersion, state: 'pending', reason: 'awaiting_approval' })
const issued = (uid: string, resourceVersion: string) => request({ uid, resourceVersion })
const denied = (uid: string, resourceVersion: string) =>
  request({ uid, resourceVersion, state: 'denied', reason: 'denied_spiffe_id' })
const gone = (uid: string, resourceVersion: string): Observation => ({ kind: 'requestDeleted', uid, resourceVersion })

/** Stops the process: all that is left is what was committed. */
function restart(ledger: Ledger): { checkpoint: Checkpoint; again: Ledger } {
  const checkpoint = ledger.checkpoint()
  if (checkpoint === undefined) throw new Error('there is nothing to commit')
  const stored = parseCheckpoint(serializeCheckpoint(checkpoint))
  if ('problem' in stored) throw new Error(stored.problem)
  const again = ledgerAfter()
  again.showCommittedOnly(stored.checkpoint)
  return { checkpoint: stored.checkpoint, again }
}

/** Commits what there is, as the committer does. */
function commit(ledger: Ledger): Ledger {
  const checkpoint = ledger.checkpoint()
  if (checkpoint) ledger.committed(checkpoint)
  return ledger
}

describe('the end of a request', () => {
  it.each([
    ['nothing of the history before the first start', requestList('9', issued('a', '1'), denied('b', '2')), 0, 0],
    [
      'a request that was pending at the first start',
      [...requestList('9', pending('a', '1')), change('modified', issued('a', '10'))],
      1,
      0,
    ],
    [
      'a new request that is issued',
      [...requestList('9'), change('added', pending('a', '10')), change('modified', issued('a', '11'))],
      1,
      0,
    ],
    ['one that is denied', [...requestList('9'), change('added', denied('a', '10'))], 0, 1],
    [
      'no change of one that has ended',
      [...requestList('9'), change('added', issued('a', '10')), change('modified', issued('a', '11')), gone('a', '12')],
      1,
      0,
    ],
    [
      'no relist of it',
      [...requestList('9'), change('added', issued('a', '10')), ...requestList('20', issued('a', '10'))],
      1,
      0,
    ],
    [
      'what came while the watch was blind',
      [...requestList('9', pending('a', '1')), ...requestList('20', issued('a', '15'), denied('b', '16'))],
      1,
      1,
    ],
  ] as const)('counts %s', (_, observations, successes, failures) => {
    const ledger = ledgerAfter(...observations)
    expect([succeeded(ledger), failed(ledger)]).toEqual([successes, failures])
  })

  it('counts an annotation that lies', () => {
    const ledger = ledgerAfter(
      ...requestList('9'),
      change('added', request({ resourceVersion: '10', annotationLies: true })),
    )
    expect(sum(ledger, 'identityMismatches')).toBe(1)
  })

  it('names only trust domains and issuers that have issued, so that nobody can make up series', () => {
    const ledger = ledgerAfter(
      ...requestList('9', issued('a', '1')),
      change('added', { ...denied('b', '10'), trustDomain: 'evil.test', issuer: 'ClusterIssuer/x' }),
      change('added', { ...denied('c', '11'), trustDomain: 'example.org' }),
    )
    const nonZero = [...ledger.totals('attestationFailure')].filter((total) => 'value' in total && total.value > 0)
    expect(nonZero.map(({ labels }) => labels)).toEqual([
      ['', '', 'cert-manager', 'denied_spiffe_id'],
      ['example.org', 'ClusterIssuer/spiffe-ca', 'cert-manager', 'denied_spiffe_id'],
    ])
  })
})

describe('a restart', () => {
  const before = () =>
    commit(ledgerAfter(...requestList('9', pending('a', '5'), issued('old', '6')), change('added', issued('b', '10'))))

  it('shows the committed totals before anything else is known', () => {
    expect(succeeded(restart(before()).again)).toBe(1)
  })

  it.each<[string, Observation[], number]>([
    ['nothing new', [...requestList('12', pending('a', '5'), issued('old', '6'), issued('b', '10'))], 1],
    ['what ended meanwhile', [...requestList('20', issued('a', '15')), change('modified', issued('a', '15'))], 2],
    [
      'what came and went meanwhile',
      [
        ...requestList('20'),
        change('added', pending('c', '13')),
        change('modified', issued('c', '14')),
        gone('c', '15'),
      ],
      2,
    ],
    [
      'what came meanwhile and is there',
      [
        ...requestList('20', issued('c', '14')),
        change('added', pending('c', '13')),
        change('modified', issued('c', '14')),
      ],
      2,
    ],
    [
      'an ended one once although it was touched meanwhile',
      [...requestList('20', issued('b', '15')), change('modified', issued('b', '15'))],
      1,
    ],
    [
      'an ended one once although it was deleted meanwhile',
      [...requestList('20'), change('modified', issued('b', '14')), gone('b', '15')],
      1,
    ],
    [
      'an open one that ended and was deleted meanwhile',
      [...requestList('20'), change('modified', issued('a', '14')), gone('a', '15')],
      2,
    ],
  ])('counts %s', (_, observations, successes) => {
    const { again } = restart(before())
    observations.forEach(again.report)
    expect(succeeded(commit(again))).toBe(successes)
  })

  it('may happen again in the middle of the history that is made up for', () => {
    const first = restart(before()).again
    ;[...requestList('20', issued('a', '15'), issued('c', '14')), change('added', pending('c', '13'))].forEach(
      first.report,
    )
    const second = restart(commit(first)).again
    ;[
      ...requestList('20', issued('a', '15'), issued('c', '14')),
      change('modified', issued('c', '14')),
      change('modified', issued('a', '15')),
    ].forEach(second.report)
    expect(succeeded(commit(second))).toBe(3)
  })

  it('counts by creation time where the history is gone', () => {
    const { again } = restart(before())
    const later = { ...issued('c', '14'), createdMs: epochMs + 5000 }
    const state = [issued('a', '15'), issued('b', '16'), later] as const
    ;[...requestList('20', ...state), ...requestList('21', ...state)].forEach(again.report)
    expect(succeeded(commit(again))).toBe(3)
  })

  it('shows nothing that is not committed', () => {
    const { again } = restart(before())
    again.report(change('added', issued('z', '11')))
    expect(succeeded(again)).toBe(1)
  })

  it('shows the zeros of every issuer that has counted, as before', () => {
    const first = before()
    const zeros = (ledger: Ledger) =>
      [...ledger.totals('attestationFailure')].filter(({ labels }) => labels[1] === 'ClusterIssuer/spiffe-ca').length
    expect(zeros(restart(first).again)).toBe(zeros(first))
    expect(zeros(first)).toBeGreaterThan(0)
  })

  it('finds room for its checkpoint in a ConfigMap, whatever there is to count', () => {
    const ledger = new Ledger({ clock, sources: ['certificateRequests'], maxIssuers: 256 })
    requestList('9').forEach(ledger.report)
    for (let index = 0; index < 300; index++) {
      const trustDomain = `${index}`.padEnd(100, 'x')
      ledger.report(
        change('added', { ...issued(`issued-${index}`, '10'), trustDomain, issuer: `ClusterIssuer/${trustDomain}` }),
      )
    }
    for (let index = 0; index < maxOpen + 10; index++)
      ledger.report(change('added', pending(`${index}`.padStart(12, '0'), '11')))
    const checkpoint = ledger.checkpoint()
    expect(checkpoint && serializeCheckpoint(checkpoint).length).toBeLessThan(1_048_576)
    expect(checkpoint?.open).toHaveLength(maxOpen)
  })

  it('has nothing to commit in the middle of a list, which has no one version', () => {
    const ledger = ledgerAfter(...requestList('9', pending('a', '5')))
    ;[{ kind: 'listing', source: 'certificateRequests' } as const].forEach(ledger.report)
    expect(ledger.checkpoint()).toBeUndefined()
  })
})

describe('durations', () => {
  /** The one observed duration, by the bucket it fell into and the sum. */
  function observed(ledger: Ledger, name: 'renewalDuration' | 'approvalDuration' | 'signingDuration'): number {
    const total = [...ledger.totals(name)].find((one) => 'sum' in one && one.sum > 0)
    return total && 'sum' in total ? total.sum : 0
  }

  it('are as fine as the events were seen where that agrees with the timestamps', async () => {
    const live = new ManualClock()
    const ledger = new Ledger({ clock: live, sources: ['certificateRequests'], maxIssuers: 10 })
    requestList('9').forEach(ledger.report)
    ledger.report(change('added', pending('a', '10')))
    await live.advance(200)
    ledger.report(
      change('modified', request({ uid: 'a', resourceVersion: '11', state: 'approved', reason: 'awaiting_issuer' })),
    )
    await live.advance(300)
    ledger.report(change('modified', request({ uid: 'a', resourceVersion: '12' })))
    expect(observed(ledger, 'approvalDuration')).toBeCloseTo(0.2)
    expect(observed(ledger, 'signingDuration')).toBeCloseTo(0.3)
    expect(observed(ledger, 'renewalDuration')).toBeCloseTo(0.5)
  })

  it.each([
    ['the timestamps where nobody watched', 7000, 7],
    ['at least their resolution', 0, 1],
  ])('are %s', (_, concludedAfterMs, seconds) => {
    const late = request({ uid: 'a', resourceVersion: '15', concludedMs: epochMs + concludedAfterMs, svid: svid() })
    const ledger = ledgerAfter(...requestList('9', pending('a', '5')), ...requestList('20', late))
    expect(observed(ledger, 'renewalDuration')).toBe(seconds)
  })
})
