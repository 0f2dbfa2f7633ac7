import { describe, expect, it } from 'vitest'
import { projectRequest } from '../../../../src/sources/certificateRequests/projection.ts'
import { fixtureText } from '../../../support/fixtures.ts'

const approvedAt = '2026-01-01T00:00:01Z'
const concludedAt = '2026-01-01T00:00:02Z'
const failedAt = '2026-01-01T00:00:03Z'
const ms = (time: string) => Date.parse(time)

const condition = (type: string, reason: string, message = '', status = 'True') => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: type === 'Approved' ? approvedAt : concludedAt,
})
const approved = condition('Approved', 'spiffe.csi.cert-manager.io')
const notReady = (reason: string, message = '') => condition('Ready', reason, message, 'False')

/** What is read of the recorded request with another status. */
function progressOf(conditions: readonly object[], rest: object = {}) {
  const recorded = JSON.parse(fixtureText('csi/cr-new-no-status.json')) as object
  return projectRequest({ ...recorded, status: { conditions, ...rest } })?.request
}

const denied = (message: string, reason = 'spiffe.csi.cert-manager.io') => condition('Denied', reason, message)

describe('a request', () => {
  it.each([
    ['denied before cert-manager marks it', [denied('Denied request: wrong usages')], 'denied', 'denied_key_usage'],
    ['denied by approver-policy', [denied('no policy', 'policy.cert-manager.io')], 'denied', 'denied_policy'],
    ['denied for a reason of its own', [denied('not today', 'me')], 'denied', 'denied_other'],
    ['denied after it was approved', [approved, denied('Denied request: wrong usages')], 'denied', 'denied_key_usage'],
    [
      'that cert-manager finds invalid',
      [approved, condition('InvalidRequest', 'Bad'), notReady('Failed', 'Error signing certificate: x')],
      'failed',
      'failed_invalid_request',
    ],
    ['that fails otherwise', [approved, notReady('Failed', 'timed out')], 'failed', 'failed_other'],
    ['whose denial is taken back', [condition('Denied', '', '', 'False')], 'pending', 'awaiting_approval'],
    ['that is valid', [approved, condition('InvalidRequest', '', '', 'False')], 'approved', 'awaiting_issuer'],
    ['that nobody has approved', [notReady('Pending', 'Missing issuer type')], 'pending', 'awaiting_approval'],
  ])('%s', (_, conditions, state, reason) => {
    expect(progressOf(conditions)).toMatchObject({ state, reason })
  })

  it.each([
    ['', 'awaiting_issuer'],
    ['Referenced "Issuer" not found: issuer.cert-manager.io "ca" not found', 'issuer_not_found'],
    ['Referenced issuer does not have a Ready status condition', 'issuer_not_ready'],
    ['Missing issuer type: no such kind', 'issuer_kind_missing'],
    ['Referenced secret team-a/ca not found: secret "ca" not found', 'issuer_secret_not_found'],
    ['Failed to parse signing CA keypair from secret team-a/ca: bad PEM', 'issuer_key_pair_invalid'],
    ['Referenced secret cert-manager/issuer-ca not found: secret "issuer-ca" not found', 'issuer_secret_not_found'],
    ['Something new', 'pending_other'],
  ])('that waits with the message "%s" waits for %s', (message, reason) => {
    expect(progressOf([approved, notReady('Pending', message)])).toMatchObject({ state: 'approved', reason })
  })
})

describe('the message', () => {
  it.each<[string, object[], string]>([
    ['waits', [approved, notReady('Pending', 'Something new')], 'Something new'],
    [
      'was denied',
      [denied('Denied request: wrong usages'), notReady('Denied', 'by a controller')],
      'Denied request: wrong usages',
    ],
    ['is invalid', [condition('InvalidRequest', 'Bad', 'no CSR'), notReady('Failed', 'x')], 'no CSR'],
    ['failed', [approved, notReady('Failed', 'timed out')], 'timed out'],
    ['waits, in lines and colours', [approved, notReady('Pending', 'a\n\u001b[31mb\u202e')], 'a [31mb'],
  ])('of a request that %s is told', (_, conditions, message) => {
    expect(progressOf(conditions)).toMatchObject({ message })
  })

  it.each<[string, object[]]>([
    ['of which nobody says anything', [approved]],
    ['of which nothing printable is said', [approved, notReady('Pending', '\n')]],
    ['that was issued', [approved, condition('Ready', 'Issued', 'Certificate fetched')]],
  ])('of a request %s is left out', (_, conditions) => {
    expect(progressOf(conditions)).not.toHaveProperty('message')
  })

  it('is short, however long it was', () => {
    const long = progressOf([denied('x'.repeat(200_000))])?.message
    expect(long).toBe(`${'x'.repeat(255)}…`)
    expect(progressOf([denied('x'.repeat(256))])?.message).toBe('x'.repeat(256))
  })
})

describe('the times', () => {
  it('of a failed request: failureTime comes before the time of the condition', () => {
    const conditions = [notReady('Failed')]
    expect(progressOf(conditions, { failureTime: failedAt })).toMatchObject({ concludedMs: ms(failedAt) })
    expect(progressOf(conditions)).toMatchObject({ state: 'failed', concludedMs: ms(concludedAt) })
  })

  it('of a denied request: that of the denial, also once cert-manager has marked the request', () => {
    const marked = [denied(''), { ...notReady('Denied'), lastTransitionTime: failedAt }]
    expect(progressOf(marked, { failureTime: failedAt })).toMatchObject({
      state: 'denied',
      concludedMs: ms(concludedAt),
    })
  })

  it('of an issued request are those of its conditions, whatever failed before', () => {
    expect(progressOf([approved, condition('Ready', 'Issued')], { failureTime: failedAt })).toMatchObject({
      state: 'issued',
      approvedMs: ms(approvedAt),
      concludedMs: ms(concludedAt),
    })
  })

  it('of a request that waits: it has not concluded', () => {
    expect(progressOf([approved, notReady('Pending')])).not.toHaveProperty('concludedMs')
  })
})

describe('an endless message', () => {
  const endless = (text: string) => text.repeat(258_000 / text.length)

  it.each([
    ['a wait', [approved, notReady('Pending', `Referenced ${endless('issuer ')}`)]],
    ['a wait', [approved, notReady('Pending', endless('secret '))]],
    ['a denial', [denied(endless('forbidden '))]],
    ['a failure', [notReady('Failed', endless('Error '))]],
  ])('%# of %s is read without delay', (_, conditions) => {
    progressOf([])
    const before = process.threadCpuUsage()
    expect(progressOf(conditions)).toBeDefined()
    const { user, system } = process.threadCpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(1000)
  })
})
