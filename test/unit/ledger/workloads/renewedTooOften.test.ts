import { describe, expect, it } from 'vitest'
import type { Ledger } from '../../../../src/ledger/ledger.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import { change, epochMs, pod, podList, request, svid } from '../../../support/observations.ts'
import { hour, minute, mount, podGone, watch } from '../../../support/watchedLedger.ts'
import { svidsOf } from '../../../support/ledgerReading.ts'

const tooOften = (ledger: Ledger) => [...ledger.facts()].filter(({ isRenewedTooOften }) => isRenewedTooOften)

/** An SVID that is issued so many minutes after the epoch, and lives for so many; its notBefore is dated back. */
const issuedAfter = (minutes: number, lifeMinutes: number, datedBackMinutes = 0): Observation => {
  const createdMs = epochMs + minutes * minute
  return change(
    'added',
    request({
      uid: `request-${minutes}`,
      createdMs,
      concludedMs: createdMs,
      svid: svid({
        notBeforeMs: createdMs - datedBackMinutes * minute,
        notAfterMs: createdMs + lifeMinutes * minute,
        fingerprint: `fingerprint-${minutes}`,
      }),
    }),
  )
}

/** How it stands at `atMinutes`, after SVIDs of an hour were issued at these minutes. */
async function after(issued: readonly number[], atMinutes: number, ...more: readonly Observation[]) {
  const { ledger, clock } = watch(...podList(pod()))
  for (const minutes of issued) {
    await clock.advance(epochMs + minutes * minute - clock.now())
    ledger.report(issuedAfter(minutes, 60))
  }
  more.forEach(ledger.report)
  await clock.advance(epochMs + atMinutes * minute - clock.now())
  return tooOften(ledger).map(({ labels }) => labels.pod)
}

describe('a workload whose SVID is renewed again and again', () => {
  it.each<[string, readonly number[], number, readonly string[]]>([
    ['is told after three renewals in a row that came far too early', [0, 14, 28, 42], 42, ['web-1']],
    ['is told as long as the newest SVID is as young', [0, 1, 2, 3], 17, ['web-1']],
    ['is told no more once one lives on', [0, 1, 2, 3], 18, []],
    ['is told again with the next early renewal', [0, 1, 2, 3, 17], 17, ['web-1']],
    ['is not told before the third', [0, 14, 28], 28, []],
    ['is not told where one of them came at a quarter', [0, 14, 28, 43], 43, []],
    ['is not told where they came after that', [0, 15, 30, 45, 60], 60, []],
    ['is not told until there are three in a row again', [0, 1, 2, 3, 43, 44, 45], 45, []],
    ['is told once there are three in a row again', [0, 1, 2, 3, 43, 44, 45, 46], 46, ['web-1']],
  ])('%s', async (_, issued, atMinutes, expected) => {
    expect(await after(issued, atMinutes)).toEqual(expected)
  })

  it('is not told once its pod is gone', async () => {
    expect(await after([0, 1, 2, 3], 3, podGone)).toEqual([])
  })

  it('is not counted twice for a request that changes, or for an older one that comes late', async () => {
    const again = Array.from({ length: 5 }, () => issuedAfter(1, 60))
    expect(await after([0, 1], 1, ...again, issuedAfter(-1, 60), issuedAfter(-2, 60))).toEqual([])
  })

  it('is named with the labels of its SVID', async () => {
    const { ledger, clock } = watch(...podList(pod()))
    for (const minutes of [0, 1, 2, 3]) ledger.report(issuedAfter(minutes, 60))
    await clock.advance(3 * minute)
    expect(tooOften(ledger)).toMatchObject([
      {
        labels: {
          spiffe_id: 'spiffe://example.org/ns/team-a/sa/web',
          namespace: 'team-a',
          pod: 'web-1',
          volume: 'spiffe',
          node: 'node-1',
          issuer: 'ClusterIssuer/spiffe-ca',
        },
      },
    ])
  })
})

describe('an SVID of 15 minutes that is dated back by an hour', () => {
  const renewedEvery = async (minutes: number) => {
    const { ledger, clock } = watch(...podList(pod()))
    for (let time = 0; time <= 4 * minutes; time += minutes) {
      await clock.advance(epochMs + time * minute - clock.now())
      ledger.report(issuedAfter(time, 15, 60))
    }
    return tooOften(ledger).length
  }

  it.each([
    [10, 0],
    [4, 0],
    [3, 1],
  ])('is renewed every %d minutes: that is too often for %d workloads', async (minutes, expected) => {
    expect(await renewedEvery(minutes)).toBe(expected)
  })
})

describe('when an SVID was obtained', () => {
  const due = (...observations: readonly Observation[]) => {
    const { ledger } = watch(...podList(pod()), ...observations)
    return svidsOf(ledger).map(({ obtainedMs, renewalDueMs }) => [
      obtainedMs === undefined ? undefined : obtainedMs - epochMs,
      renewalDueMs - epochMs,
    ])
  }

  it('moves the time when its renewal is due where it is dated back', () => {
    // Two thirds of the 75 minutes from notBefore to notAfter had passed before it was issued.
    expect(due(issuedAfter(0, 15, 60))).toEqual([[0, 0]])
    expect(due(issuedAfter(0, 60, 6))).toEqual([[0, 38 * minute]])
  })

  it('is not told where notBefore is no more than a minute earlier', () => {
    expect(due(issuedAfter(0, 60, 1))).toEqual([[undefined, hour - (61 * minute) / 3]])
    expect(due(issuedAfter(0, 60, 0))).toEqual([[undefined, 40 * minute]])
  })

  it('is when its request was concluded, not when that was made', () => {
    const dated = svid({ notBeforeMs: epochMs - hour, notAfterMs: epochMs + hour / 4 })
    expect(due(change('added', request({ concludedMs: epochMs + 5 * minute, svid: dated })))).toEqual([
      [5 * minute, 5 * minute],
    ])
  })

  it('is not known of a file', () => {
    const dated = svid({ notBeforeMs: epochMs - hour, notAfterMs: epochMs + hour / 4 })
    expect(due(mount({ reading: { svid: dated } }))).toEqual([[undefined, -10 * minute]])
  })
})
