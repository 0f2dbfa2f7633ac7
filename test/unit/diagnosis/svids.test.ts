import { describe, expect, it } from 'vitest'
import { Judge } from '../../../src/diagnosis/judge.ts'
import type { Judgement } from '../../../src/diagnosis/diagnosis.ts'
import type { SvidFacts } from '../../../src/ledger/workloads/compared/facts.ts'
import { copyFacts, dueMs, endMs, missedMs, renewedFacts, svidFacts, waitingRequest } from '../../support/facts.ts'
import { fakeLedger } from '../../support/fakeLedger.ts'
import { ManualClock } from '../../support/manualClock.ts'

const minute = 60_000

/** Returns what is wrong with one SVID at a time. */
function judge(facts: Partial<SvidFacts>, nowMs: number): readonly Judgement[] {
  const judgements: Judgement[] = []
  const judge = new Judge(fakeLedger({ facts: [svidFacts(facts)] }), new ManualClock(nowMs))
  Array.from(judge.judge((judgement) => judgements.push(judgement)))
  return judgements
}

const codes = (facts: Partial<SvidFacts>, nowMs: number) => judge(facts, nowMs).map(({ code }) => code)

/** An SVID whose copies are all seen until now. */
const seen = (nowMs: number): Partial<SvidFacts> => ({
  mounted: copyFacts('mounted', nowMs),
  issued: copyFacts('issued', nowMs),
  requestsKnownMs: nowMs,
})

describe('a renewal', () => {
  it.each([
    ['that is due', dueMs + 1, []],
    ['at 27 % of the time that is left', missedMs, []],
    ['after 27 % of the time that is left', missedMs + 1, ['renewal_missed']],
    ['at the expiry, at which the SVID is still valid', endMs, ['renewal_missed']],
    ['after the expiry', endMs + 1, ['expired']],
  ])('%s', (_, nowMs, expected) => {
    expect(codes(seen(nowMs), nowMs)).toEqual(expected)
    expect(codes({ issued: copyFacts('issued', nowMs), requestsKnownMs: nowMs }, nowMs)).toEqual(expected)
    expect(codes({ mounted: copyFacts('mounted', nowMs) }, nowMs)).toEqual(expected)
  })

  it('that was missed is told with its times, its request and what heals it', () => {
    const nowMs = missedMs + 1
    expect(judge({ ...seen(nowMs), requested: waitingRequest() }, nowMs)).toEqual([
      {
        code: 'renewal_missed',
        severity: 'critical',
        key: 'uid-0/tls',
        subject: copyFacts('mounted', nowMs).labels,
        reason: 'issuer_not_ready',
        sinceMs: missedMs,
        impactMs: endMs,
        evidence: {
          renewalDueMs: dueMs,
          notAfterMs: endMs,
          request: 'web-0-2',
          requestCreatedMs: dueMs,
          requestState: 'approved',
          message: 'The issuer is not ready',
        },
        remedy: 'issuer',
        explainedBy: '',
        muted: false,
      },
    ])
  })

  it('is told with since when its request is gone, which nobody would find any more', () => {
    const requested = waitingRequest({ lostMs: missedMs })
    expect(judge({ ...seen(endMs), requested }, endMs)[0]?.evidence).toMatchObject({ requestDeletedMs: missedMs })
  })

  it.each([
    ['nobody has asked', {}, 'driver'],
    ['the request waits for approval', { requested: waitingRequest({ reason: 'awaiting_approval' }) }, 'approver'],
    ['the request was denied', { requested: waitingRequest({ state: 'denied', reason: 'denied_policy' }) }, 'approver'],
    ['the request failed', { requested: waitingRequest({ state: 'failed', reason: 'failed_signing' }) }, 'issuer'],
  ])('that was missed where %s', (_, facts, remedy) => {
    expect(judge({ ...seen(missedMs + 1), ...facts }, missedMs + 1)[0]?.remedy).toBe(remedy)
  })

  it('is judged as of when the copy was last seen, whatever the time is since then', () => {
    const nowMs = endMs + minute
    const facts = (knownMs: number) => ({ mounted: copyFacts('mounted', knownMs) })
    expect(codes(facts(missedMs - 1), nowMs)).toEqual([])
    expect(codes(facts(missedMs + 1), nowMs)).toEqual(['renewal_missed'])
    expect(judge(facts(missedMs + 1), nowMs)[0]?.evidence['lastSeenMs']).toBe(missedMs + 1)
  })

  it('names when the copy was last seen only after a silence of more than 3 minutes', () => {
    const lastSeen = (nowMs: number) => judge(seen(missedMs + 1), nowMs)[0]?.evidence['lastSeenMs']
    expect(lastSeen(missedMs + 1 + 3 * minute)).toBeUndefined()
    expect(lastSeen(missedMs + 2 + 3 * minute)).toBe(missedMs + 1)
  })

  it('is shown by the issued copy where the files have not been seen since it was missed', () => {
    const nowMs = missedMs + minute
    const facts = { ...seen(nowMs), mounted: copyFacts('mounted', dueMs) }
    expect(judge(facts, nowMs).map(({ code, subject }) => [code, subject.copy])).toEqual([['renewal_missed', 'issued']])
  })

  it('counts as renewed a quarter of an hour after the next SVID was issued, although the files have not been seen since', () => {
    const lostMs = missedMs + minute
    const nowMs = lostMs + 15 * minute
    const facts = {
      mounted: copyFacts('mounted', lostMs),
      issued: renewedFacts('issued', nowMs, lostMs),
      requestsKnownMs: nowMs,
    }
    expect(codes({ ...facts, unseenForMs: 15 * minute - 1 }, nowMs)).toEqual(['renewal_missed'])
    expect(codes({ ...facts, unseenForMs: 15 * minute }, nowMs)).toEqual([])
  })

  it('that was issued and never arrives in the file is missed, and needs a new pod', () => {
    const nowMs = missedMs + minute
    const facts = {
      mounted: copyFacts('mounted', nowMs),
      issued: renewedFacts('issued', nowMs, dueMs),
      requestsKnownMs: nowMs,
      staleSinceMs: dueMs,
    }
    expect(judge(facts, nowMs).map(({ code, remedy, sinceMs }) => [code, remedy, sinceMs])).toEqual([
      ['mount_stale', 'new_pod', dueMs],
      ['renewal_missed', 'new_pod', missedMs],
    ])
  })

  it('of a muted workload is told, and muted', () => {
    expect(judge({ ...seen(endMs + 1), muted: true }, endMs + 1)).toMatchObject([{ code: 'expired', muted: true }])
  })
})

describe('a pod that waits for its first SVID', () => {
  const waiting = { isWaiting: true, waitingSinceMs: dueMs }

  it.each([
    ['for less than a minute', waiting, dueMs + minute - 1, []],
    ['for a minute', waiting, dueMs + minute, [['not_issued', 'no_request', 'driver']]],
    [
      'since nobody knows when',
      { ...waiting, waitingSinceMs: undefined },
      dueMs,
      [['not_issued', 'no_request', 'driver']],
    ],
    [
      'for its request',
      { ...waiting, requested: waitingRequest() },
      dueMs + minute,
      [['not_issued', 'issuer_not_ready', 'issuer']],
    ],
  ])('%s', (_, facts, nowMs, expected) => {
    const judged = judge({ ...facts, requestsKnownMs: nowMs }, nowMs)
    expect(judged.map(({ code, reason, remedy }) => [code, reason, remedy])).toEqual(expected)
  })

  it('has waited until requests were last seen', () => {
    const codesAt = (requestsKnownMs: number) => codes({ ...waiting, requestsKnownMs }, endMs)
    expect(codesAt(dueMs + minute - 1)).toEqual([])
    expect(codesAt(dueMs + minute)).toEqual(['not_issued'])
  })

  it('explains that its file cannot be read', () => {
    const nowMs = dueMs + minute
    const judged = judge({ ...waiting, requestsKnownMs: nowMs, problem: 'missing' }, nowMs)
    expect(judged.map(({ code, explainedBy }) => [code, explainedBy])).toEqual([
      ['not_issued', ''],
      ['unreadable', 'not_issued'],
    ])
    expect(judge({ problem: 'missing' }, dueMs)).toMatchObject([
      { code: 'unreadable', reason: 'missing', explainedBy: '' },
    ])
  })
})

it('an SVID that is renewed again and again is a problem', () => {
  expect(judge({ ...seen(dueMs), isRenewedTooOften: true }, dueMs)).toMatchObject([
    { code: 'renewed_too_often', severity: 'warning', sinceMs: undefined },
  ])
})
