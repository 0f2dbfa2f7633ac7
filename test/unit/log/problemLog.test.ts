import { expect, it } from 'vitest'
import type { Diagnosis, DiagnosisChange } from '../../../src/diagnosis/diagnosis.ts'
import { events, type EventName } from '../../../src/log/events.ts'
import { createLog } from '../../../src/log/log.ts'
import { ProblemLog } from '../../../src/log/problemLog.ts'
import { ManualClock } from '../../support/manualClock.ts'
import { epochMs } from '../../support/observations.ts'

const missed: Diagnosis = {
  code: 'renewal_missed',
  severity: 'critical',
  key: 'team-a/web-1/spiffe',
  subject: { namespace: 'team-a', pod: 'web-1', volume: 'spiffe', node: 'node-1', issuer: 'ClusterIssuer/spiffe-ca' },
  reason: 'denied_policy',
  sinceMs: epochMs,
  evidence: { message: 'no policy matches' },
  remedy: 'approver',
  explainedBy: '',
  muted: false,
}
const down: Diagnosis = {
  ...missed,
  ...{ code: 'issuer_down', key: 'ClusterIssuer/spiffe-ca', subject: { issuer: 'ClusterIssuer/spiffe-ca' } },
  ...{ reason: '', evidence: { missed: 3, first: 'team-a/web-1 (2026-01-01T00:30:00.000Z)' }, remedy: 'issuer' },
}

/** A log of problems, and what it has written, as `level message`. */
function logOf(...changes: readonly DiagnosisChange[]) {
  const clock = new ManualClock()
  const lines: (Readonly<Record<string, unknown>> & { readonly event: EventName })[] = []
  const write = (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number])
  const log = createLog({ level: 'debug', format: 'json', clock, destination: { write } })
  new ProblemLog(log, clock, {
    follow: (listener) => {
      changes.forEach(listener)
      return () => undefined
    },
  })
  return { lines, written: lines.map(({ level, message }) => `${String(level)} ${String(message)}`) }
}

it('a problem is written when it begins, with whom it is about, why, and what heals it, and when it ends', () => {
  const { lines, written } = logOf({ is: 'begun', diagnosis: missed }, { is: 'ended', diagnosis: missed })
  expect(written).toEqual([
    'warn team-a/web-1: the renewal of the SVID was missed, and the SVID has not expired yet (denied_policy: no policy matches); what heals it: an approver that runs and agrees with the driver',
    'info team-a/web-1: no longer: the renewal of the SVID was missed, and the SVID has not expired yet',
  ])
  expect(lines[0]).toMatchObject({
    ...{ event: 'problem_begun', problem: 'renewal_missed', severity: 'critical', reason: 'denied_policy' },
    ...{ remedy: 'approver', since: '2026-01-01T00:00:00.000Z', namespace: 'team-a', pod: 'web-1', node: 'node-1' },
  })
  for (const { event, level, time, message, ...fields } of lines) {
    expect([events[event].level].flat()).toContain(level)
    expect([time, message].every(Boolean)).toBe(true)
    expect(Object.keys(fields).filter((name) => !(events[event].fields as readonly string[]).includes(name))).toEqual(
      [],
    )
  }
})

it('an outage is one line, whatever it explains, and what stays after it has a line of its own', () => {
  const explained = { ...missed, explainedBy: 'issuer_down' as const }
  const { written } = logOf(
    { is: 'begun', diagnosis: down },
    { is: 'begun', diagnosis: explained },
    { is: 'changed', diagnosis: { ...explained, severity: 'warning' }, before: explained },
    { is: 'changed', diagnosis: missed, before: explained },
  )
  expect(written.map((line) => line.slice(0, 35))).toEqual([
    'warn ClusterIssuer/spiffe-ca: the i',
    'debug team-a/web-1: the renewal of ',
    'warn team-a/web-1: the renewal of t',
  ])
})

it('an issuer that is down comes with the names of those who suffer first', () => {
  expect(logOf({ is: 'begun', diagnosis: down }).written[0]).toContain(
    '; the first SVIDs to expire: team-a/web-1 (2026-01-01T00:30:00.000Z); what heals it: an issuer that works',
  )
})

it('a muted problem wakes nobody', () => {
  expect(logOf({ is: 'begun', diagnosis: { ...missed, muted: true } }).written[0]).toMatch(/^debug /)
})

it('the lines about each kind of problem are bounded', () => {
  const many = Array.from({ length: 500 }, (_, index): DiagnosisChange => {
    return { is: 'begun', diagnosis: { ...missed, key: `${index}` } }
  })
  expect(logOf(...many, { is: 'begun', diagnosis: down }).written).toHaveLength(12)
})
