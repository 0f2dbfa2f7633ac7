import { describe, expect, it } from 'vitest'
import type { Ledger } from '../../../../src/ledger/ledger.ts'
import { change, request, requestList } from '../../../support/observations.ts'
import {
  denied,
  failed,
  gone,
  issued,
  pending,
  succeeded,
  sum,
  watch,
  watchWithin,
} from '../../../support/watchedLedger.ts'

/** The trust domains and issuers for which failures were counted. */
const failures = (ledger: Ledger): string[] =>
  [...ledger.totals('attestationFailure')]
    .filter((total) => 'value' in total && total.value > 0)
    .map(({ labels }) => labels.slice(0, 2).join(' '))

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
    const ledger = watch(...observations).ledger
    expect([succeeded(ledger), failed(ledger)]).toEqual([successes, failures])
  })

  it('counts an annotation that lies', () => {
    const { ledger } = watch(
      ...requestList('9'),
      change('added', request({ uid: 'a', resourceVersion: '10', annotationLies: true })),
    )
    expect(sum(ledger, 'identityMismatches')).toBe(1)
  })

  it('names only trust domains and issuers that have issued, so that nobody can make up series', () => {
    const { ledger } = watch(
      ...requestList('9', issued('a', '1')),
      change('added', { ...denied('b', '10'), trustDomain: 'evil.test', issuer: 'ClusterIssuer/x' }),
      change('added', denied('c', '11')),
      change('added', { ...denied('d', '12'), issuer: 'ClusterIssuer/x' }),
    )
    expect(failures(ledger)).toEqual([' ', 'example.org ', 'example.org ClusterIssuer/spiffe-ca'])
  })

  it('begins at zero, also for what issuers do that have proven nothing', () => {
    const { ledger } = watch(...requestList('9', issued('a', '1')))
    const unproven = [...ledger.totals('attestationSuccess')].filter(({ labels }) => labels.includes(''))
    expect(unproven.map(({ labels }) => labels.slice(0, 2).join(' '))).toEqual([
      ' ',
      'example.org ',
      ' ClusterIssuer/spiffe-ca',
    ])
    expect(unproven).toEqual(unproven.map(({ labels }) => ({ labels, value: 0 })))
  })

  it('names no more issuers than the limit', () => {
    const of = (index: number) => ({ trustDomain: `domain-${index}.test`, issuer: `ClusterIssuer/${index}` })
    const { ledger } = watchWithin(
      2,
      ...requestList('9', ...[0, 1, 2].map((index) => ({ ...issued(`issued-${index}`, '1'), ...of(index) }))),
      ...[0, 1, 2].map((index) => change('added', { ...denied(`denied-${index}`, '10'), ...of(index) })),
    )
    expect(failures(ledger).toSorted()).toEqual([' ', 'domain-0.test ClusterIssuer/0', 'domain-1.test ClusterIssuer/1'])
    const named = [...ledger.totals('attestationSuccess')].map(({ labels }) => labels.slice(0, 2).join(' '))
    expect(named.toSorted()).toEqual([
      ' ',
      ' ClusterIssuer/0',
      ' ClusterIssuer/1',
      'domain-0.test ',
      'domain-0.test ClusterIssuer/0',
      'domain-1.test ',
      'domain-1.test ClusterIssuer/1',
    ])
  })
})
