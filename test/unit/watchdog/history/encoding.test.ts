import { describe, expect, test } from 'vitest'
import { fits, maxBytes, parseHistory, serializeHistory } from '../../../../src/watchdog/history/encoding.ts'
import { emptyHistory, type History } from '../../../../src/watchdog/history/history.ts'
import { acted, failed, healed, noteWell, refused, reserve } from '../../../../src/watchdog/history/transitions.ts'
import { aFailure, aHistory, anOpen, aReservation, nowMs } from '../../../support/restartCases.ts'

const parsed = (text: string | undefined): History => {
  const result = parseHistory(text)
  if ('problem' in result) throw new Error(result.problem)
  return result.history
}

describe('what is stored', () => {
  test('is read as what was written', () => {
    const history = aHistory(
      aReservation(1, { successor: 'uid-2' }),
      anOpen(2),
      aFailure(3, { wellMs: nowMs, refusals: 2 }),
    )
    expect(parsed(serializeHistory(history))).toEqual(history)
  })

  test('is empty where nothing is stored', () => {
    expect(parsed(undefined)).toEqual(emptyHistory)
  })

  test.each<[string, string]>([
    ['is no JSON', 'restarts'],
    ['is of a newer version', '{"version":2,"next":1,"reservations":[]}'],
    ['lacks what every reservation has', '{"version":1,"next":2,"reservations":[{"id":1}]}'],
    ['would use an id again', serializeHistory({ ...aHistory(aReservation(1)), next: 1 })],
  ])('is no history if it %s: nothing may be restarted then', (_, text) => {
    expect(parseHistory(text)).toHaveProperty('problem')
  })
})

describe('the size of what is stored', () => {
  /** The longest names that Kubernetes allows, and more issuers than a pod ever has. */
  const longest = (i: number) => ({
    ...{ pod: `${i}`.padStart(36, '0'), namespace: 'n'.repeat(63), node: 'h'.repeat(253) },
    owner: `${'n'.repeat(63)}/ReplicationController/${`${i}`.padStart(253, 'o')}`,
    issuers: Array.from({ length: 4 }, () => `ClusterIssuer/${'i'.repeat(253)}`),
    cause: 'mount_detached' as const,
  })
  const short = (i: number) => ({
    ...{ pod: `${i}`, namespace: 'a', node: 'b', owner: 'c', issuers: ['d'], cause: 'not_reloaded' as const },
  })

  /** Reserves as long as there is room, and lets every restart take its longest form. */
  function filled(wanted: (i: number) => ReturnType<typeof longest>): History {
    let history = emptyHistory
    for (let i = 1; ; i += 1) {
      const next = reserve(history, wanted(i), nowMs)
      if (!fits(next)) return history
      history = next
    }
  }

  test.each([
    ['the longest names', longest],
    ['short names', short as unknown as typeof longest],
  ])('stays within its bound with %s, whatever becomes of the restarts', (_, wanted) => {
    const before = filled(wanted)
    let after = before
    for (const { id } of before.reservations) {
      after = refused(after, id, nowMs)
      after = acted(after, id, nowMs)
      after = healed(after, id, '0'.repeat(36), nowMs)
    }
    let worse = before
    for (const { id } of before.reservations) {
      worse = acted(worse, id, nowMs)
      worse = noteWell(failed(worse, id, 'outcome_unknown', nowMs), id, nowMs)
    }
    expect(before.reservations.length).toBeGreaterThan(50)
    for (const history of [before, after, worse])
      expect(Buffer.byteLength(serializeHistory(history))).toBeLessThanOrEqual(maxBytes)
  })

  test('has room for the restarts of an hour, with names of an usual length', () => {
    const usual = (i: number) => ({
      ...longest(i),
      ...{
        node: 'ip-10-0-12-34.eu-central-1.compute.internal',
        owner: `team-a-production/Deployment/payment-service-${i}`,
      },
      issuers: ['ClusterIssuer/csi-driver-spiffe-ca'],
    })
    expect(filled(usual).reservations.length).toBeGreaterThan(200)
  })
})
