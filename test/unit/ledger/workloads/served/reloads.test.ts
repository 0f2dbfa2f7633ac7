import { expect, it } from 'vitest'
import type { Ledger } from '../../../../../src/ledger/ledger.ts'
import type { PresentedSvid } from '../../../../../src/ledger/workloads/view.ts'
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
import { minute, watch } from '../../../../support/watchedLedger.ts'

const former = svid()
const renewed = svid({}, -40)

function following() {
  const { ledger, clock } = watch(
    ...podList(pod({ mountedSinceMs: [epochMs] })),
    ...requestList('9', request({ svid: former, createdMs: epochMs - 5_000, concludedMs: epochMs - 4_000 })),
    ...nodeTells('node-1', mounted({ reading: { svid: former } })),
  )
  const told: PresentedSvid[] = []
  ledger.follow('presented', (one) => told.push(one))
  return { ledger, clock, told }
}

const serves = (ledger: Ledger, one = renewed) => {
  ledger.report({ kind: 'served', served: { target: { podUid: 'pod-1', port: 8443 }, result: { svid: one } } })
}

const renews = (ledger: Ledger) => {
  const times = { createdMs: epochMs + 40 * minute, concludedMs: epochMs + 40 * minute + 1_000 }
  ledger.report(
    change('added', request({ uid: 'request-2', name: 'web-2', resourceVersion: '20', svid: renewed, ...times })),
  )
}

const mounts = (ledger: Ledger, writtenMs: number) => {
  ledger.report({ kind: 'mounted', mounted: mounted({ reading: { svid: renewed }, writtenMs }), node: 'node-1' })
}

it('tells once that a server presents the SVID that was issued last', async () => {
  const { ledger, clock, told } = following()
  await clock.advance(40 * minute + 2_000)
  renews(ledger)
  mounts(ledger, clock.now() - 500)
  serves(ledger, former)
  expect(told).toEqual([])
  await clock.advance(30_000)
  serves(ledger)
  await clock.advance(30_000)
  serves(ledger)
  expect(told).toEqual([
    {
      requestUid: 'request-2',
      place: { namespace: 'team-a', pod: 'web-1', volume: 'spiffe', node: 'node-1' },
      port: 8443,
      issuedMs: epochMs + 40 * minute + 1_000,
      mountedMs: epochMs + 40 * minute + 1_500,
      seenMs: epochMs + 40 * minute + 32_000,
    },
  ])
})

it('tells so where nobody sees the file', async () => {
  const { ledger, clock, told } = following()
  await clock.advance(40 * minute + 2_000)
  renews(ledger)
  serves(ledger)
  expect(told).toMatchObject([{ requestUid: 'request-2', mountedMs: undefined }])
})

it('tells nothing of what was mounted before this process began, because an earlier one may have', () => {
  const { ledger, told } = following()
  serves(ledger, former)
  expect(told).toEqual([])
})
