import { describe, expect, it } from 'vitest'
import { maxOpen, serializeCheckpoint } from '../../../../src/ledger/issuance/checkpoint.ts'
import type { Ledger } from '../../../../src/ledger/ledger.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import { totalsShape, type Total, type TotalName } from '../../../../src/ledger/issuance/view.ts'
import { change, epochMs, requestList } from '../../../support/observations.ts'
import {
  commit,
  denied,
  gone,
  issued,
  pending,
  restart,
  succeeded,
  watch,
  watchWithin,
} from '../../../support/watchedLedger.ts'

describe('a restart', () => {
  const before = () =>
    commit(watch(...requestList('9', pending('a', '5'), issued('old', '6')), change('added', issued('b', '10'))).ledger)

  it('shows the committed totals before anything else is known', () => {
    expect(succeeded(restart(before()).ledger)).toBe(1)
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
    [
      'an open one that ended meanwhile and is deleted while the list comes',
      [
        ...requestList('15', issued('a', '14')).toSpliced(2, 0, gone('a', '15')),
        change('modified', issued('a', '14')),
        gone('a', '15'),
      ],
      2,
    ],
  ])('counts %s', (_, observations, successes) => {
    const { ledger: again } = restart(before())
    observations.forEach(again.report)
    expect(succeeded(commit(again))).toBe(successes)
  })

  it('may happen again in the middle of the history that is made up for', () => {
    const first = restart(before()).ledger
    ;[...requestList('20', issued('a', '15'), issued('c', '14')), change('added', pending('c', '13'))].forEach(
      first.report,
    )
    const second = restart(commit(first)).ledger
    ;[
      ...requestList('20', issued('a', '15'), issued('c', '14')),
      change('modified', issued('c', '14')),
      change('modified', issued('a', '15')),
    ].forEach(second.report)
    expect(succeeded(commit(second))).toBe(3)
  })

  it('counts by creation time where the history is gone', () => {
    const { ledger: again } = restart(before())
    const later = { ...issued('c', '14'), createdMs: epochMs + 5000 }
    const state = [issued('a', '15'), issued('b', '16'), later] as const
    ;[...requestList('20', ...state), ...requestList('21', ...state)].forEach(again.report)
    expect(succeeded(commit(again))).toBe(3)
  })

  it('tells those of one second apart where the history is gone', () => {
    const { ledger: again } = restart(before())
    const state = [issued('a', '15'), issued('b', '16'), issued('c', '14')] as const
    ;[...requestList('20', ...state), ...requestList('21', ...state)].forEach(again.report)
    expect(succeeded(commit(again))).toBe(3)
  })

  it('counts what the API server has stamped before others that came to be earlier, where the history is gone', () => {
    const created = (uid: string, version: string, afterMs: number) => ({
      ...issued(uid, version),
      createdMs: epochMs + afterMs,
    })
    const first = watch(...requestList('9'), change('added', created('a', '10', 3000))).ledger
    const { ledger: again } = restart(commit(first))
    const state = [created('a', '10', 3000), created('b', '11', 1000)] as const
    ;[...requestList('20', ...state), ...requestList('21', ...state)].forEach(again.report)
    expect(succeeded(commit(again))).toBe(2)
  })

  it('counts nothing twice that was created long before, where the history is gone', () => {
    const old = (version: string) => ({ ...issued('old', version), createdMs: epochMs - 3_600_000 })
    const { ledger: again } = restart(
      commit(watch(...requestList('9'), change('added', old('10')), change('added', issued('a', '11'))).ledger),
    )
    const state = [old('15'), issued('a', '16')] as const
    ;[...requestList('20', ...state), ...requestList('21', ...state)].forEach(again.report)
    expect(succeeded(commit(again))).toBe(2)
  })

  it('counts nothing twice where so many were created at once that not all can be remembered', () => {
    const many = Array.from({ length: 3000 }, (_, index) => `${index}`.padStart(12, '0'))
    const all = (version: string) => many.map((uid) => issued(uid, version))
    const first = watch(...requestList('9'), ...all('10').map((one) => change('added', one))).ledger
    const { ledger: again } = restart(commit(first))
    ;[...requestList('20', ...all('15')), ...requestList('21', ...all('15'))].forEach(again.report)
    expect(succeeded(commit(again))).toBe(3000)
  })

  it('counts what is newer than the history that is made up for, where that breaks off at a second restart', () => {
    const later = { ...issued('c', '15'), createdMs: epochMs + 5000 }
    const first = restart(before()).ledger
    ;[...requestList('20', later), change('modified', issued('a', '11'))].forEach(first.report)
    const second = restart(commit(first)).ledger
    ;[...requestList('21', later), ...requestList('22', later)].forEach(second.report)
    expect(succeeded(commit(second))).toBe(3)
  })

  it('shows nothing that is not committed', () => {
    const { ledger: again } = restart(before())
    again.report(change('added', issued('z', '11')))
    expect(succeeded(again)).toBe(1)
  })

  it.each(Object.keys(totalsShape) as TotalName[])('goes on with every %s, also those that are zero', (name) => {
    const first = before()
    const key = ({ labels }: Total) => labels.join(' ')
    const all = (ledger: Ledger) =>
      [...ledger.totals(name)].toSorted((one, other) => key(one).localeCompare(key(other)))
    expect(all(restart(first).ledger)).toEqual(all(first))
    expect(all(first).map(({ labels }) => labels.slice(0, 2))).toEqual(
      expect.arrayContaining([
        ['', ''],
        ['example.org', 'ClusterIssuer/spiffe-ca'],
      ]),
    )
  })

  it('counts nothing of its first list, as the history that led to it comes again', () => {
    const { ledger: again } = restart(before())
    requestList('20', issued('a', '15')).forEach(again.report)
    expect(succeeded(commit(again))).toBe(1)
    again.report(change('modified', issued('a', '15')))
    expect(succeeded(commit(again))).toBe(2)
  })

  it('still names the issuers that have counted', () => {
    const { ledger: again } = restart(before())
    ;[...requestList('20'), change('added', denied('z', '21'))].forEach(again.report)
    const nonZero = [...commit(again).totals('attestationFailure')].filter(
      (total) => 'value' in total && total.value > 0,
    )
    expect(nonZero.map(({ labels }) => labels.slice(0, 2))).toEqual([['example.org', 'ClusterIssuer/spiffe-ca']])
  })

  it('finds room for its checkpoint in a ConfigMap, whatever there is to count', () => {
    const { ledger } = watchWithin(256, ...requestList('9'))
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
    expect(checkpoint?.positions[0]?.open).toHaveLength(maxOpen)
  })
})
