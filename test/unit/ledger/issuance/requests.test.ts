import { describe, expect, it } from 'vitest'
import type { Observation } from '../../../../src/ledger/observations.ts'
import { change, epochMs, request, requestList } from '../../../support/observations.ts'
import {
  commit,
  counts,
  denied,
  gone,
  issued,
  pending,
  restart,
  succeeded,
  watch,
} from '../../../support/watchedLedger.ts'

const listing: Observation = { kind: 'listing', source: 'certificateRequests' }
const progress = (resourceVersion: string): Observation => ({
  kind: 'progress',
  source: 'certificateRequests',
  resourceVersion,
})

/** A list in which these requests could not be read. */
const unreadList = (resourceVersion: string, ...uids: string[]): Observation[] => [
  listing,
  ...uids.map((uid): Observation => ({ kind: 'unread', source: 'certificateRequests', uid })),
  { kind: 'listed', source: 'certificateRequests', resourceVersion },
]

const oneIssued = ['ClusterIssuer/spiffe-ca issued 1']
const onePending = ['ClusterIssuer/spiffe-ca pending 1']

describe('the requests that there are', () => {
  it.each<[string, Observation[], string[]]>([
    ['follow a change', [change('modified', issued('a', '101'))], oneIssued],
    ['are not set back by an older version', [change('modified', issued('a', '99'))], onePending],
    [
      'are told by how many are left',
      [change('added', pending('b', '101')), change('added', pending('c', '102')), gone('b', '103')],
      ['ClusterIssuer/spiffe-ca pending 2'],
    ],
    ['are those of the last list', requestList('200', issued('b', '150')), oneIssued],
    ['are none when the last list shows none', requestList('200'), []],
    ['keep one that the last list has but could not read', unreadList('200', 'a'), onePending],
    ['gain none that could not be read', unreadList('200', 'a', 'b'), onePending],
    ['are without one that was deleted', [gone('a', '101')], []],
    ['keep one of which an older deletion is told', [gone('a', '99')], onePending],
    ['are those of a history that was set back', requestList('50', issued('a', '40')), oneIssued],
    [
      'go on from a history that was set back',
      [...requestList('50', pending('a', '40')), change('modified', issued('a', '51'))],
      oneIssued,
    ],
    ['can be deleted in a history that was set back', [...requestList('50', pending('a', '40')), gone('a', '51')], []],
  ])('%s', (_, observations, expected) => {
    expect(counts(watch(...requestList('100', pending('a', '100')), ...observations).ledger)).toEqual(expected)
  })

  it('are those of the list after a restart, whatever the history before it says', () => {
    const { ledger } = restart(watch(...requestList('9')).ledger)
    ;[...requestList('20', issued('a', '15')), change('added', pending('a', '12'))].forEach(ledger.report)
    expect(counts(ledger)).toEqual(oneIssued)
    ledger.report(change('modified', issued('a', '15')))
    expect(succeeded(commit(ledger))).toBe(1)
  })

  it('are counted with the issuers that have a place when too many issue', () => {
    const made = Array.from({ length: 11 }, (_, index) =>
      request({ uid: `r${index}`, issuer: `ClusterIssuer/${index}` }),
    )
    const named = made.slice(0, 10).map(({ issuer }) => `${issuer} issued 1`)
    expect(counts(watch(...requestList('9', ...made)).ledger).toSorted()).toEqual([' issued 1', ...named])
  })

  it('are counted with an issuer whose issued requests are all gone first, when somebody makes up too many', () => {
    const made = Array.from({ length: 11 }, (_, index) => ({
      ...denied(`r${index}`, '12'),
      issuer: `ClusterIssuer/${index}`,
    }))
    const named = made.slice(0, 9).map(({ issuer }) => `${issuer} denied 1`)
    const { ledger } = watch(
      ...requestList('9', issued('a', '5')),
      ...made.map((one) => change('added', one)),
      change('added', denied('b', '12')),
      gone('a', '13'),
    )
    expect(counts(ledger).toSorted()).toEqual([' denied 2', ...named, 'ClusterIssuer/spiffe-ca denied 1'])
    const again = restart(ledger).ledger
    for (const one of requestList('20', ...made, denied('b', '12'))) again.report(one)
    expect(counts(again).toSorted()).toEqual([' denied 2', ...named, 'ClusterIssuer/spiffe-ca denied 1'])
  })
})

describe('the position to commit', () => {
  const position = (...observations: Observation[]) =>
    watch(...observations).ledger.checkpoint()?.positions[0]?.resourceVersion

  it.each<[string, Observation[], string | undefined]>([
    ['is that of the list', requestList('9', issued('a', '5')), '9'],
    ['moves with a change', [...requestList('9'), change('added', issued('a', '10'))], '10'],
    ['moves with a deletion', [...requestList('9', issued('a', '5')), gone('a', '12')], '12'],
    ['moves with the deletion of what is not known', [...requestList('9'), gone('z', '12')], '12'],
    ['moves with progress', [...requestList('9'), progress('15')], '15'],
    ['is none in the first list', [listing, progress('15')], undefined],
    ['is none in a later list, which has no one version', [...requestList('9'), listing], undefined],
    [
      'is that of the last list, also where that is of a history that was set back',
      [...requestList('90'), ...requestList('50')],
      '50',
    ],
  ])('%s', (_, observations, expected) => {
    expect(position(...observations)).toBe(expected)
  })

  it('stays in the first list after a restart, and after it, until the history since is told', () => {
    const { ledger } = restart(watch(...requestList('9')).ledger)
    const told: [Observation[], string][] = [
      [[listing, progress('15')], '9'],
      [requestList('20'), '9'],
      [[progress('12')], '12'],
    ]
    for (const [observations, expected] of told) {
      observations.forEach(ledger.report)
      expect(ledger.checkpoint()?.positions[0]?.resourceVersion).toBe(expected)
    }
  })
})

describe('what is committed of requests', () => {
  const createdAt = (uid: string, afterMs: number) => ({ ...issued(uid, '5'), createdMs: epochMs + afterMs })
  const newest = [createdAt('a', 1000), createdAt('b', 5000), createdAt('c', 3000)]

  it('is when the newest was created, wherever it stands in the list', () => {
    const { ledger } = watch(...requestList('9', ...newest))
    expect(ledger.checkpoint()?.positions[0]?.newestCreatedMs).toBe(epochMs + 5000)
    const again = restart(ledger).ledger
    requestList('20', createdAt('a', 1000)).forEach(again.report)
    expect(again.checkpoint()?.positions[0]?.newestCreatedMs).toBe(epochMs + 5000)
  })

  it.each<[string, Observation[], string[]]>([
    ['is known to be open before the history since is told', [], ['a']],
    ['has ended', [change('modified', issued('a', '15'))], []],
    ['was deleted', [gone('a', '15')], []],
    ['is not there when listed anew', requestList('21'), []],
    ['is still open when listed anew', requestList('21', pending('a', '5')), ['a']],
    ['is new', [change('added', pending('b', '13'))], ['a', 'b']],
  ])('is after a restart what is open and %s', (_, observations, open) => {
    const { ledger } = restart(watch(...requestList('9', pending('a', '5'))).ledger)
    ;[...requestList('20'), ...observations].forEach(ledger.report)
    expect(ledger.checkpoint()?.positions[0]?.open.map((uid) => uid.slice(0, 1))).toEqual(open)
  })
})
