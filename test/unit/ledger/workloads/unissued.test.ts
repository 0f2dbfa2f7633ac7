import { describe, expect, it } from 'vitest'
import type { RequestObservation } from '../../../../src/ledger/issuance/observations.ts'
import type { Ledger } from '../../../../src/ledger/ledger.ts'
import type { Observation } from '../../../../src/ledger/observations.ts'
import { change, epochMs, pod, podList, request, requestList, svid } from '../../../support/observations.ts'
import { memoryOf, svidsOf } from '../../../support/ledgerReading.ts'
import { gone, hour, minute, watch } from '../../../support/watchedLedger.ts'

const dueMs = epochMs + 40 * minute

/** A request of the SVID of pod-1 that is made when its renewal is due. */
const renewal = (overrides: Partial<RequestObservation>): RequestObservation =>
  request({ uid: 'request-2', name: 'request-2', resourceVersion: '200', createdMs: dueMs, ...overrides })
const waits = renewal({ state: 'approved', reason: 'issuer_not_ready', message: 'The issuer is not ready' })
const denial = renewal({
  state: 'denied',
  reason: 'denied_policy',
  message: 'No policy allows it',
  resourceVersion: '201',
})
const failure = renewal({ state: 'failed', reason: 'failed_signing', message: 'Error signing', resourceVersion: '202' })

const told = (one: RequestObservation) => {
  const { uid, name, issuer, createdMs, state, reason, message = '' } = one
  return { uid, name, issuer, createdMs, askedMs: createdMs, state, reason, message }
}

const unissued = (ledger: Ledger) =>
  [...ledger.facts()].flatMap(({ labels: { volume }, requested }) =>
    requested ? [{ volume, request: requested }] : [],
  )

/** What is told after these observations of a pod whose SVID was issued. */
const after = (...observations: readonly Observation[]) =>
  unissued(watch(...podList(pod()), ...requestList('100', request()), ...observations).ledger)

describe('of the newest request', () => {
  it('nothing is told while it is the issued one', () => {
    expect(after()).toEqual([])
    expect(after(gone('request-1'))).toEqual([])
  })

  it.each<[string, RequestObservation]>([
    ['waits', waits],
    ['was denied', denial],
    ['failed', failure],
    ['waits without a word', renewal({ state: 'pending', reason: 'awaiting_approval' })],
  ])('that %s, all is told, with and without an SVID that was issued before', (_, one) => {
    const expected = [{ volume: 'spiffe', request: told(one) }]
    expect(after(change('added', one))).toEqual(expected)
    expect(unissued(watch(...podList(pod()), ...requestList('200', one)).ledger)).toEqual(expected)
  })

  it('that was issued with a certificate that cannot be read, all is told', () => {
    const { svid: certificate, ...unreadable } = renewal({})
    expect(certificate).toBeDefined()
    expect(after(change('added', unreadable))).toEqual([{ volume: 'spiffe', request: told(unreadable) }])
  })

  it('its last state is told', () => {
    expect(after(...[waits, denial, failure].map((one) => change('modified', one)))).toMatchObject([
      { request: told(failure) },
    ])
  })

  it('it stays told when the request is deleted, with the time, until there is a newer one', async () => {
    const { ledger, clock } = watch(...podList(pod()), ...requestList('100', request()), change('added', denial))
    await clock.advance(minute)
    ledger.report(gone('request-2'))
    expect(unissued(ledger)).toEqual([{ volume: 'spiffe', request: { ...told(denial), lostMs: epochMs + minute } }])
    const again = renewal({ ...waits, uid: 'request-3', name: 'request-3', createdMs: dueMs + minute })
    ledger.report(change('added', again))
    expect(unissued(ledger)).toEqual([{ volume: 'spiffe', request: told(again) }])
  })

  it('the two trust domains of a denial are told', () => {
    const trustDomains = { expected: 'example.org', requested: 'other.example' }
    const one: RequestObservation = { ...denial, reason: 'denied_trust_domain', trustDomains }
    expect(after(change('added', one))).toMatchObject([{ request: { reason: 'denied_trust_domain', trustDomains } }])
  })

  it('nothing is told once it or a newer one is issued', () => {
    const issued = renewal({ resourceVersion: '300', svid: svid({}, -40) })
    expect(after(change('added', waits), change('modified', issued))).toEqual([])
    const newer = { ...issued, uid: 'request-3', createdMs: dueMs + minute }
    expect(after(change('added', denial), change('added', newer))).toEqual([])
  })

  it('an older one that comes or is issued later changes nothing', () => {
    const older = request({ uid: 'request-0', createdMs: epochMs + minute, resourceVersion: '300' })
    const expected = [{ request: told(denial) }]
    expect(after(change('added', denial), change('added', older))).toMatchObject(expected)
    const denied = { ...denial, uid: 'request-0', createdMs: epochMs + minute, resourceVersion: '301' }
    expect(after(change('added', denial), change('added', denied))).toMatchObject(expected)
    expect(after(change('added', { ...denied, createdMs: epochMs - minute }))).toEqual([])
  })

  it('the issuer of the SVID does not follow it', () => {
    const elsewhere = { ...waits, issuer: 'ClusterIssuer/new' }
    const { ledger } = watch(...podList(pod()), ...requestList('100', request()), change('added', elsewhere))
    expect(svidsOf(ledger).map(({ labels }) => labels.issuer)).toEqual(['ClusterIssuer/spiffe-ca'])
  })

  it('it is told beside the SVID that an earlier process remembered', () => {
    const before = watch(
      ...podList(pod()),
      ...requestList('100', request({ svid: svid({ fingerprint: 'a'.repeat(64) }) })),
    )
    before.ledger.report(gone('request-1'))
    for (const order of [
      [...podList(pod()), ...requestList('200', waits)],
      [...requestList('200', waits), ...podList(pod())],
    ]) {
      const { ledger } = watch()
      ledger.restore(memoryOf(before.ledger))
      order.forEach(ledger.report)
      expect(svidsOf(ledger)).toMatchObject([{ svid: { notAfterMs: epochMs + hour } }])
      expect(unissued(ledger)).toEqual([{ volume: 'spiffe', request: told(waits) }])
    }
  })

  it('it is told before its pod is known, and not once no pod has its volume', () => {
    const { ledger } = watch(...requestList('200', waits))
    expect([...ledger.workloads()].map(({ namespace, pod: name }) => `${namespace}/${name}`)).toEqual(['team-a/web-1'])
    expect(unissued(ledger)).toMatchObject([{ request: told(waits) }])
    podList(pod({ volumes: [] })).forEach(ledger.report)
    expect(unissued(ledger)).toEqual([])
  })
})
