import { expect, it } from 'vitest'
import type { Ledger } from '../../../../src/ledger/ledger.ts'
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
} from '../../../support/observations.ts'
import { hour, minute, mount, watch } from '../../../support/watchedLedger.ts'
import { svidsOf } from '../../../support/ledgerReading.ts'

const inUse = (ledger: Ledger) =>
  svidsOf(ledger)
    .filter((view) => view.inUse)
    .map(({ labels }) => labels.copy)
const renewed = change(
  'added',
  request({ uid: 'r2', createdMs: epochMs + 1, svid: svid({ notBeforeMs: epochMs + 1, fingerprint: 'new' }) }),
)

it('is the issued copy of a workload while nothing is known of its file', () => {
  expect(inUse(watch(...podList(pod()), ...requestList('9', request())).ledger)).toEqual(['issued'])
})

it('is the mounted copy where it is known, also while it is stale', () => {
  const { ledger } = watch(...podList(pod()), ...requestList('9', request()), mount())
  expect(inUse(ledger)).toEqual(['mounted'])
  ledger.report(renewed)
  expect(inUse(ledger)).toEqual(['mounted'])
})

it('is the issued copy where nobody has looked at the file since it was issued, until somebody does', async () => {
  const { ledger, clock } = watch(...podList(pod()), ...requestList('9', request()), ...nodeTells('node-1', mounted()))
  await clock.advance(minute)
  ledger.report({ kind: 'nodeTrouble', node: 'node-1', reason: 'timeout', detail: '' })
  expect(inUse(ledger)).toEqual(['mounted'])
  await clock.advance(minute)
  ledger.report(renewed)
  expect(inUse(ledger)).toEqual(['issued'])
  ledger.report({ kind: 'nodeContact', node: 'node-1' })
  expect(inUse(ledger)).toEqual(['mounted'])
})

it('is the mounted copy again once the file was looked at, also after the clock of the machine is set back', async () => {
  const { ledger, clock } = watch(...podList(pod()), ...requestList('9', request()), ...nodeTells('node-1', mounted()))
  await clock.advance(minute)
  ledger.report(renewed)
  expect(inUse(ledger)).toEqual(['issued'])
  clock.setBack(hour)
  await clock.advance(1)
  ledger.report({ kind: 'nodeContact', node: 'node-1' })
  expect(inUse(ledger)).toEqual(['mounted'])
})

it('is the issued copy while the file was not looked at, also after the clock of the machine is set back', async () => {
  const { ledger, clock } = watch(...podList(pod()), ...requestList('9', request()), ...nodeTells('node-1', mounted()))
  await clock.advance(minute)
  clock.setBack(hour)
  ledger.report(renewed)
  expect(inUse(ledger)).toEqual(['issued'])
})
