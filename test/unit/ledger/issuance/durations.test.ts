import { describe, expect, it } from 'vitest'
import { parseCheckpoint, serializeCheckpoint } from '../../../../src/ledger/issuance/checkpoint.ts'
import type { Ledger } from '../../../../src/ledger/ledger.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import { change, epochMs, request, requestList } from '../../../support/observations.ts'
import { approved, commit, issued, pending, restart, watch } from '../../../support/watchedLedger.ts'

const names = ['approvalDuration', 'signingDuration', 'renewalDuration'] as const

/** What was observed, in seconds: the sum of approval, signing and renewal. */
const observed = (ledger: Ledger): number[] =>
  names.map((name) => {
    const all = [...ledger.totals(name)].map((total) => ('sum' in total ? total.sum : 0))
    return Math.round(all.reduce((sum, one) => sum + one, 0) * 1000) / 1000
  })

/** How many durations were observed: approvals, signings and renewals. */
const observations = (ledger: Ledger): number[] =>
  names.map((name) =>
    [...ledger.totals(name)]
      .flatMap((total) => ('counts' in total ? total.counts : []))
      .reduce((all, one) => all + one, 0),
  )

const added = (resourceVersion = '10') => change('added', pending('a', resourceVersion))
const approval = (resourceVersion = '11') => change('modified', approved('a', resourceVersion))
const end = (resourceVersion = '12') => change('modified', issued('a', resourceVersion))

type Steps = readonly (readonly [afterMs: number, ...told: Observation[]])[]

describe('durations', () => {
  it.each<[string, Steps, number[]]>([
    [
      'are as fine as the events were seen where that agrees with the timestamps',
      [
        [0, added()],
        [200, approval()],
        [300, end()],
      ],
      [0.2, 0.3, 0.5],
    ],
    [
      'do not begin when a list showed the request',
      [
        [0, ...requestList('10', pending('a', '10'))],
        [200, approval()],
        [300, end()],
      ],
      [1, 0.3, 1],
    ],
    [
      'do not begin when a change showed a request that was there before',
      [
        [0, change('modified', pending('a', '10'))],
        [200, approval()],
        [300, end()],
      ],
      [1, 0.3, 1],
    ],
    [
      'do not take the time of a list for that of the approval',
      [
        [0, added()],
        [200, ...requestList('11', approved('a', '11'))],
        [300, end()],
      ],
      [1, 1, 0.5],
    ],
    [
      'do not take the time of a list for that of the end',
      [
        [0, added()],
        [200, approval()],
        [300, ...requestList('12', issued('a', '12'))],
      ],
      [0.2, 1, 1],
    ],
    [
      'take the first time that the approval was seen',
      [
        [0, added()],
        [200, approval('11')],
        [100, approval('12')],
        [300, end('13')],
      ],
      [0.2, 0.4, 0.6],
    ],
    [
      'are the timestamps where the events seem to have come later',
      [
        [0, added()],
        [200, approval()],
        [5000, end()],
      ],
      [0.2, 1, 1],
    ],
    [
      'are not below zero where the clock was set back',
      [
        [0, added()],
        [-200, approval()],
        [-300, end()],
      ],
      [0, 0, 0],
    ],
  ])('%s', async (_, steps, expected) => {
    const { ledger, clock } = watch(...requestList('9'))
    for (const [afterMs, ...told] of steps) {
      await clock.advance(afterMs)
      told.forEach(ledger.report)
    }
    expect(observed(ledger)).toEqual(expected)
    expect(observations(ledger)).toEqual([1, 1, 1])
    const checkpoint = ledger.checkpoint()
    expect(parseCheckpoint(checkpoint ? serializeCheckpoint(checkpoint) : '')).toMatchObject({
      checkpoint: { positions: [{ resourceVersion: checkpoint?.positions[0]?.resourceVersion }] },
    })
  })

  it.each<[string, Steps, number[]]>([
    [
      'the creation',
      [
        [0, added('13')],
        [200, approval('21')],
        [300, end('22')],
      ],
      [1, 0.3, 1],
    ],
    [
      'the approval',
      [
        [0, added('13')],
        [200, approval('20')],
        [300, end('21')],
      ],
      [1, 1, 1],
    ],
    [
      'the end',
      [
        [0, added('13')],
        [200, approval('14')],
        [300, end('20')],
      ],
      [1, 1, 1],
    ],
  ])('do not take the time of the replay after a restart for that of %s', async (_, steps, expected) => {
    const { ledger, clock } = restart(watch(...requestList('9')).ledger)
    requestList('20').forEach(ledger.report)
    for (const [afterMs, ...told] of steps) {
      await clock.advance(afterMs)
      told.forEach(ledger.report)
    }
    expect(observed(commit(ledger))).toEqual(expected)
  })

  it.each([
    ['the timestamps where nobody watched', 7000, 7],
    ['at least their resolution', 0, 1],
    ['at least their resolution also where they run backwards', -3000, 1],
  ])('are %s', (_, concludedAfterMs, seconds) => {
    const late = request({ uid: 'a', resourceVersion: '15', concludedMs: epochMs + concludedAfterMs })
    const { ledger } = watch(...requestList('9', pending('a', '5')), ...requestList('20', late))
    expect(observed(ledger)[2]).toBe(seconds)
  })

  it('are the timestamps where the events seem to have come sooner', async () => {
    const { ledger, clock } = watch(...requestList('9'), added())
    await clock.advance(200)
    ledger.report(change('modified', { ...issued('a', '12'), concludedMs: epochMs + 7000 }))
    expect(observed(ledger)[2]).toBe(7)
  })

  it('are not known of what has no timestamps', () => {
    const { approvedMs, ...unapproved } = issued('a', '10')
    expect(approvedMs).toBeDefined()
    expect(observations(watch(...requestList('9'), change('added', unapproved)).ledger)).toEqual([0, 0, 1])
  })
})
