import { describe, expect, it } from 'vitest'
import type { Ledger } from '../../../../src/ledger/ledger.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import type { RequestObservation } from '../../../../src/ledger/issuance/observations.ts'
import { volumeHash } from '../../../../src/identity/volumeHash.ts'
import { change, epochMs, pod, podList, request, requestList } from '../../../support/observations.ts'
import {
  approved,
  denied,
  gone,
  issued,
  minute,
  pending,
  podSeen,
  watch,
  watchWithin,
} from '../../../support/watchedLedger.ts'

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

  it('is told without the issuers that have no place when somebody makes up too many', () => {
    const made = ['a', 'b', 'c'].map((name, index) => ({
      ...request({ uid: name, issuer: `ClusterIssuer/${name}`, state: 'approved', reason: 'awaiting_issuer' }),
      createdMs: epochMs + (3 - index) * 1000,
    }))
    const { ledger } = watchWithin(1, ...requestList('9', ...made))
    expect(oldest(ledger)).toEqual(['ClusterIssuer/a approved 3', ' approved 1'])
  })
})

describe('an SVID that is asked for anew', () => {
  const asks = (minutes: number, one = approved(`at-${minutes}`, String(1_000 + minutes))) =>
    change('added', made(60 * minutes, one))
  const isGone = (minutes: number) => gone(`at-${minutes}`, String(1_001 + minutes))
  const answered = (minutes: number, state: 'denied' | 'failed' | 'issued') => {
    const reason = { denied: 'denied_other', failed: 'failed_other', issued: '' } as const
    const version = String(1_500 + minutes)
    return change(
      'modified',
      made(60 * minutes, request({ uid: `at-${minutes}`, resourceVersion: version, state, reason: reason[state] })),
    )
  }
  /** What is told after these steps, each at a minute. */
  const after = async (...steps: readonly (readonly [minutes: number, ...observations: Observation[]])[]) => {
    const { ledger, clock } = watch(...podList(pod()), ...requestList('9'))
    for (const [minutes, ...observations] of steps) {
      await clock.advance(epochMs + minutes * minute - clock.now())
      observations.forEach(ledger.report)
    }
    return oldest(ledger)
  }

  it.each<[string, (readonly [minutes: number, ...observations: Observation[]])[], number]>([
    [
      'waits since its first request, though each one is replaced by the next',
      [
        [1, asks(1)],
        [2, isGone(1), asks(2)],
        [3, isGone(2), asks(3)],
      ],
      1,
    ],
    [
      'waits since then when the next one comes before the last one is gone',
      [
        [1, asks(1)],
        [2, asks(2), isGone(1)],
      ],
      1,
    ],
    [
      'waits since then while it changes',
      [
        [1, asks(1)],
        [2, isGone(1), asks(2, pending('at-2', '1002'))],
        [3, change('modified', made(120, approved('at-2', '1003')))],
      ],
      1,
    ],
    [
      'waits since then after a pause of ten minutes',
      [
        [1, asks(1)],
        [2, isGone(1)],
        [12, asks(12)],
      ],
      1,
    ],
    [
      'waits anew when nobody has asked for longer',
      [
        [1, asks(1)],
        [2, isGone(1)],
        [13, asks(13)],
      ],
      13,
    ],
    [
      'waits anew after a denial',
      [
        [1, asks(1), answered(1, 'denied')],
        [2, asks(2)],
      ],
      2,
    ],
    [
      'waits anew after a failure',
      [
        [1, asks(1), answered(1, 'failed')],
        [2, asks(2)],
      ],
      2,
    ],
    [
      'waits anew once it was issued',
      [
        [1, asks(1), answered(1, 'issued')],
        [2, isGone(1), asks(2)],
      ],
      2,
    ],
    [
      'waits anew in another pod',
      [
        [1, asks(1)],
        [
          2,
          isGone(1),
          { kind: 'podDeleted', uid: 'pod-1' },
          podSeen({ uid: 'pod-2' }),
          asks(2, {
            ...approved('at-2', '1002'),
            owner: { podUid: 'pod-2', podName: 'web-1' },
            volumeHash: volumeHash('pod-2', 'spiffe'),
          }),
        ],
      ],
      2,
    ],
  ])('%s', async (_, steps, minutes) => {
    expect(await after(...steps)).toEqual(spiffeCa(`approved ${60 * minutes}`))
  })

  it('is told no more once its pod is gone', async () => {
    expect(
      await after([1, asks(1)], [2, isGone(1), asks(2)], [3, { kind: 'podDeleted', uid: 'pod-1' }, isGone(2)]),
    ).toEqual([])
  })
})
