import { describe, expect, it } from 'vitest'
import type { Ledger } from '../../../../src/ledger/ledger.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import type { RequestObservation } from '../../../../src/ledger/issuance/observations.ts'
import { change, epochMs, request, requestList } from '../../../support/observations.ts'
import { approved, denied, gone, issued, pending, watch, watchWithin } from '../../../support/watchedLedger.ts'

const made = (seconds: number, one: RequestObservation): RequestObservation => ({
  ...one,
  createdMs: epochMs + seconds * 1000,
})

/** How many seconds after the epoch the oldest request was made of those that wait, by state. */
const oldest = (ledger: Ledger): string[] =>
  [...ledger.requestCounts()].flatMap(({ issuer, state, oldestMs }) =>
    oldestMs === undefined ? [] : [`${issuer} ${state} ${(oldestMs - epochMs) / 1000}`],
  )

const spiffeCa = (text: string) => [`ClusterIssuer/spiffe-ca ${text}`]
const waiting = requestList('100', made(3, pending('c', '3')), made(1, pending('a', '1')), made(2, pending('b', '2')))

describe('the oldest request that waits', () => {
  it.each<[string, Observation[], string[]]>([
    ['is the one that was made first', [], spiffeCa('pending 1')],
    ['is the next once it is deleted', [gone('a')], spiffeCa('pending 2')],
    ['is the next once it is issued', [change('modified', made(1, issued('a', '101')))], spiffeCa('pending 2')],
    ['is the next once it is denied', [change('modified', made(1, denied('a', '101')))], spiffeCa('pending 2')],
    [
      'is told for each state',
      [change('modified', made(1, approved('a', '101')))],
      [...spiffeCa('pending 2'), ...spiffeCa('approved 1')],
    ],
    ['stays when it changes and waits on', [change('modified', made(1, pending('a', '101')))], spiffeCa('pending 1')],
    ['is one of the last list', requestList('200', made(2, pending('b', '2'))), spiffeCa('pending 2')],
    ['is none where none is left', requestList('200'), []],
  ])('%s', (_, observations, expected) => {
    expect(oldest(watch(...waiting, ...observations).ledger)).toEqual(expected)
  })

  it('is told without issuers when somebody makes up too many', () => {
    const made = ['a', 'b'].map((name, index) => ({
      ...request({ uid: name, issuer: `ClusterIssuer/${name}`, state: 'approved', reason: 'awaiting_issuer' }),
      createdMs: epochMs + (2 - index) * 1000,
    }))
    expect(oldest(watchWithin(1, ...requestList('9', ...made)).ledger)).toEqual([' approved 1'])
  })
})
