import { describe, expect, it } from 'vitest'
import type { Ledger } from '../../../../../src/ledger/ledger.ts'
import type { DeliveryName } from '../../../../../src/ledger/issuance/view.ts'
import type { MountedSvid } from '../../../../../src/ledger/workloads/view.ts'
import {
  change,
  epochMs,
  mounted,
  nodeTells,
  pod,
  podList,
  request,
  requestList,
  svid,
} from '../../../../support/observations.ts'
import { mount, restart, watch } from '../../../../support/watchedLedger.ts'

/** Returns how many durations were counted, and their sum in seconds. */
function delivered(ledger: Ledger, name: DeliveryName): { readonly count: number; readonly sum: number } {
  const counted = [...ledger.totals(name)].flatMap((total) => ('counts' in total ? [total] : []))
  return {
    count: counted.flatMap(({ counts }) => counts).reduce((all, one) => all + one, 0),
    sum: counted.reduce((all, { sum }) => all + sum, 0),
  }
}

const toldBy = (ledger: Ledger): MountedSvid[] => {
  const told: MountedSvid[] = []
  ledger.follow('mounted', (one) => told.push(one))
  return told
}

/** The file of the SVID that `request` has issued, written so many ms after the epoch of the tests. */
const written = (afterMs: number, overrides: Parameters<typeof mounted>[0] = {}) =>
  mount({ writtenMs: epochMs + afterMs, ...overrides })

const renewal = request({
  uid: 'request-2',
  resourceVersion: '102',
  createdMs: epochMs + 40_000,
  concludedMs: epochMs + 41_000,
  svid: svid({}, -1),
})

describe('an SVID that reaches its file', () => {
  it('is told and counted once, with the time from its issuance', async () => {
    const { ledger, clock } = watch(...podList(pod()), ...requestList('1'))
    const told = toldBy(ledger)
    ledger.report(change('added', request()))
    await clock.advance(300)
    for (let repeat = 0; repeat < 2; repeat += 1) ledger.report(written(300))
    expect(told).toEqual([
      {
        requestUid: 'request-1',
        place: {
          pod: 'web-1',
          volume: 'spiffe',
          node: 'node-1',
          isSeen: true,
          mounted: { writtenMs: epochMs + 300 },
        },
        delivery: { seconds: 0.3, countedAs: { trustDomain: 'example.org', issuer: 'ClusterIssuer/spiffe-ca' } },
      },
    ])
    expect(delivered(ledger, 'mount')).toEqual({ count: 1, sum: 0.3 })
    const named = [...ledger.totals('mount')].map(({ labels }) => labels.join(' '))
    expect(named).toContain('example.org ClusterIssuer/spiffe-ca')
  })

  it('is told as well if its file is seen before its request', async () => {
    const { ledger, clock } = watch(...podList(pod()), ...requestList('1'))
    const told = toldBy(ledger)
    await clock.advance(300)
    ledger.report(written(300))
    expect(told).toEqual([])
    ledger.report(change('added', request()))
    expect(told.map(({ requestUid }) => requestUid)).toEqual(['request-1'])
    expect(delivered(ledger, 'mount').count).toBe(1)
  })

  it('is told as well if its pod is seen last', () => {
    const { ledger } = watch(change('added', request()), ...nodeTells('node-1', mounted({ writtenMs: epochMs })))
    const told = toldBy(ledger)
    podList(pod()).forEach(ledger.report)
    expect(told.map(({ requestUid, place }) => [requestUid, place.mounted])).toEqual([
      ['request-1', { writtenMs: epochMs }],
    ])
  })

  it('is not told while an older one is in the file', async () => {
    const { ledger, clock } = watch(...podList(pod()), change('added', request()), written(0))
    const told = toldBy(ledger)
    await clock.advance(41_000)
    ledger.report(change('added', renewal))
    expect(told).toEqual([])
    await clock.advance(90_000)
    ledger.report(written(131_000, { reading: { svid: svid({}, -1) } }))
    expect(told.map(({ requestUid, delivery }) => [requestUid, delivery?.seconds])).toEqual([['request-2', 90]])
  })

  it('is not counted if its file was written before the start, because an earlier process may have counted it', () => {
    const { ledger } = watch(...podList(pod()), change('added', request()))
    const told = toldBy(ledger)
    ledger.report(written(-1))
    expect(told).toMatchObject([{ requestUid: 'request-1' }])
    expect(told[0]?.delivery).toBeUndefined()
    expect(delivered(ledger, 'mount').count).toBe(0)
  })

  it('is not counted if nobody knows when its file was written', () => {
    const { ledger } = watch(...podList(pod()), change('added', request()), mount())
    expect(delivered(ledger, 'mount').count).toBe(0)
  })

  it('is not counted if its file says that it will be written in the future, by more than clocks differ', () => {
    const { ledger } = watch(...podList(pod()), change('added', request()))
    const told = toldBy(ledger)
    ledger.report(written(60_001))
    expect(told).toMatchObject([{ place: { mounted: { writtenMs: undefined } } }])
    expect(delivered(ledger, 'mount').count).toBe(0)
  })

  it('is not counted if its file was written long ago, while nobody saw it', async () => {
    const { ledger, clock } = watch(...podList(pod()), change('added', request()))
    await clock.advance(11 * 60_000)
    ledger.report(written(1_000))
    expect(delivered(ledger, 'mount').count).toBe(0)
  })
})

describe('the place of a request', () => {
  it('is the volume of its pod, and whether node roles see the files of the node', () => {
    const { ledger } = watch(...podList(pod()), change('added', request()))
    expect(ledger.placeOf(request())).toEqual({ pod: 'web-1', volume: 'spiffe', node: 'node-1', isSeen: false })
    nodeTells('node-1', mounted({ writtenMs: epochMs + 5 })).forEach(ledger.report)
    expect(ledger.placeOf(request())).toMatchObject({ isSeen: true, mounted: { writtenMs: epochMs + 5 } })
    expect(ledger.placeOf(renewal)?.mounted).toBeUndefined()
  })

  it('is not known without its pod, and of a request that no pod owns', () => {
    const { ledger } = watch(change('added', request()))
    expect(ledger.placeOf(request())).toBeUndefined()
    podList(pod()).forEach(ledger.report)
    const { owner, ...unowned } = request()
    expect([
      ledger.placeOf({ ...unowned, owner: owner ?? { podUid: '', podName: '' } })?.pod,
      ledger.placeOf(unowned),
    ]).toEqual(['web-1', undefined])
  })
})

describe('the first SVID of a pod', () => {
  const waiting = podList(pod({ startedMs: epochMs - 7_000 }))

  it('is counted from the start of the pod, and a renewal is not', async () => {
    const { ledger, clock } = watch(...waiting, ...requestList('1'), change('added', request()))
    expect(delivered(ledger, 'firstSvid')).toEqual({ count: 1, sum: 7 })
    await clock.advance(41_000)
    ledger.report(change('added', renewal))
    expect(delivered(ledger, 'firstSvid').count).toBe(1)
  })

  it('is not counted again after a restart', () => {
    const { ledger } = watch(...waiting, ...requestList('1'), change('added', request()))
    const again = restart(ledger).ledger
    for (const observation of [...waiting, ...requestList('100', request())]) again.report(observation)
    expect(delivered(again, 'firstSvid').count).toBe(0)
  })

  it('is not counted for a pod whose containers run, because its start is not known then', () => {
    const { ledger } = watch(...podList(pod()), ...requestList('1'), change('added', request()))
    expect(delivered(ledger, 'firstSvid').count).toBe(0)
  })
})
