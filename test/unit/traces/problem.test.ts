import { describe, expect, it } from 'vitest'
import type { Diagnosis } from '../../../src/diagnosis/diagnosis.ts'
import { attributes } from '../../../src/traces/attributes.ts'
import { Failures } from '../../../src/traces/failures.ts'
import { rotationIds } from '../../../src/traces/ids.ts'
import { problemSpans } from '../../../src/traces/problem.ts'
import { epochMs, request } from '../../support/observations.ts'

const problem = (overrides: Partial<Diagnosis> = {}): Diagnosis => ({
  code: 'renewal_missed',
  severity: 'critical',
  key: 'team-a/web-1/spiffe',
  subject: { namespace: 'team-a', pod: 'web-1', volume: 'spiffe', node: 'node-1', issuer: 'ClusterIssuer/spiffe-ca' },
  reason: 'denied_policy',
  sinceMs: epochMs,
  evidence: {},
  remedy: 'approver',
  explainedBy: '',
  muted: false,
  ...overrides,
})

const hour = 3_600_000
const spanOf = (diagnosis: Diagnosis, endedMs = epochMs + hour) => {
  const [span] = problemSpans(diagnosis, endedMs, undefined).spans
  if (span === undefined) throw new Error('a problem has a span')
  return span
}

describe('the span of a problem', () => {
  it('reaches from its beginning to its end, and says what was wrong with whom', () => {
    const span = spanOf(problem())
    expect([span.startMs, span.endMs]).toEqual([epochMs, epochMs + hour])
    expect(span.error).toBe('the renewal of the SVID was missed, and the SVID has not expired yet')
    expect(span.attributes).toEqual({
      'error.type': 'renewal_missed',
      'k8s.namespace.name': 'team-a',
      'k8s.node.name': 'node-1',
      'k8s.pod.name': 'web-1',
      'k8s.volume.name': 'spiffe',
      'svidwatch.end.source': 'observed',
      'svidwatch.issuer': 'ClusterIssuer/spiffe-ca',
      'svidwatch.problem.code': 'renewal_missed',
      'svidwatch.problem.reason': 'denied_policy',
      'svidwatch.problem.remedy': 'approver',
      'svidwatch.problem.severity': 'critical',
      'svidwatch.start.source': 'rule',
    })
    for (const name of Object.keys(span.attributes))
      expect(attributes[name as keyof typeof attributes].on).toContain('svid.problem')
  })

  it('names the subject of a problem that is not about an SVID', () => {
    const span = spanOf(problem({ code: 'agent_down', key: 'node-2 csi-driver-spiffe', subject: { node: 'node-2' } }))
    expect(span.attributes['svidwatch.problem.subject']).toBe('node-2 csi-driver-spiffe')
  })

  it('is in one trace for one subject, code and beginning, whichever process makes it', () => {
    expect(spanOf(problem())).toEqual(spanOf(problem()))
    const others = [problem({ code: 'expired' }), problem({ key: 'other' }), problem({ sinceMs: epochMs + 1 })]
    const ids = [problem(), ...others].map((one) => spanOf(one).traceId)
    expect(new Set(ids).size).toBe(4)
  })

  it('is another one in the same trace if the problem ends again', () => {
    const [first, second] = [spanOf(problem()), spanOf(problem(), epochMs + 2 * hour)]
    expect(second.traceId).toBe(first.traceId)
    expect(second.spanId).not.toBe(first.spanId)
  })

  it('is cut to a day, and tells its true beginning', () => {
    const span = spanOf(problem(), epochMs + 30 * hour)
    expect(span.startMs).toBe(epochMs + 6 * hour)
    expect(span.attributes['svidwatch.began']).toBe('2026-01-01T00:00:00.000Z')
  })

  it('is a failure, which sampling never leaves out', () => {
    expect(problemSpans(problem(), epochMs, undefined).isFailure).toBe(true)
  })
})

describe('the rotation that a problem is linked to', () => {
  const denied = request({ uid: 'denied', name: 'web-abc', state: 'denied', reason: 'denied_policy' })

  it('is the one of the request in its evidence', () => {
    const failures = new Failures()
    failures.ended(denied)
    failures.ended(request({ uid: 'elsewhere', name: 'web-abc', namespace: 'team-b', state: 'denied' }))
    const link = failures.of(problem({ evidence: { request: 'web-abc' } }))
    expect(link).toEqual(rotationIds('denied'))
    expect(problemSpans(problem(), epochMs, link).spans[0]?.links).toEqual([link])
  })

  it('is one that was issued far too late', () => {
    const failures = new Failures()
    failures.ended(request({ uid: 'late', name: 'web-abc', concludedMs: epochMs + 30_000 }))
    expect(failures.of(problem({ evidence: { request: 'web-abc' } }))).toEqual(rotationIds('late'))
  })

  it('is the one that was not mounted, of a mount that is stale', () => {
    const failures = new Failures()
    failures.notDelivered(request(), { pod: 'web-1', volume: 'spiffe', node: 'node-1', isSeen: true })
    expect(failures.of(problem({ code: 'mount_stale' }))).toEqual(rotationIds('request-1'))
  })

  it('is the one whose SVID the server has not read, until the server presents it', () => {
    const failures = new Failures()
    const place = { namespace: 'team-a', pod: 'web-1', volume: 'spiffe', node: 'node-1' }
    failures.notDelivered(request(), { ...place, isSeen: true, mounted: { writtenMs: epochMs }, awaitsServer: true })
    expect(failures.of(problem({ code: 'not_reloaded' }))).toEqual(rotationIds('request-1'))
    failures.presented(place)
    expect(failures.of(problem({ code: 'not_reloaded' }))).toBeUndefined()
  })

  it('is the last one that failed, of an issuer', () => {
    const failures = new Failures()
    failures.ended(denied)
    const down = problem({ code: 'issuer_down', key: 'x', subject: { issuer: 'ClusterIssuer/spiffe-ca' } })
    expect(failures.of(down)).toEqual(rotationIds('denied'))
  })

  it('is none that went well, or of which nothing is known', () => {
    const failures = new Failures()
    failures.ended(request({ name: 'web-abc' }))
    expect(failures.of(problem({ evidence: { request: 'web-abc' } }))).toBeUndefined()
  })

  it('is forgotten once 10,000 others have failed', () => {
    const failures = new Failures()
    failures.ended(denied)
    for (let index = 0; index < 10_000; index += 1)
      failures.ended(request({ uid: `${index}`, name: `other-${index}`, issuer: 'Issuer/other', state: 'failed' }))
    expect(failures.of(problem({ evidence: { request: 'web-abc' } }))).toBeUndefined()
  })
})
