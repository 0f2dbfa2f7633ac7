import { describe, expect, it } from 'vitest'
import {
  epochMs,
  change,
  mounted,
  nodeTells,
  pod,
  podList,
  request,
  requestList,
  svid,
} from '../../support/observations.ts'
import { events, fields as declared, type EventName } from '../../../src/log/events.ts'
import { createLog, type LogOptions } from '../../../src/log/log.ts'
import { RequestLog, type RequestLogOptions } from '../../../src/log/requestLog.ts'
import type { Observation } from '../../../src/ledger/observations.ts'
import type { RequestObservation } from '../../../src/ledger/issuance/observations.ts'
import { pending, watch } from '../../support/watchedLedger.ts'

const ids = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }

function startLog(options: Partial<RequestLogOptions & Pick<LogOptions, 'format' | 'level'>> = {}) {
  const { format = 'json', level = 'debug', ...rest } = options
  const { ledger, clock } = watch(...podList(pod()), ...requestList('1'), ...nodeTells('node-1'))
  const lines: string[] = []
  const log = createLog({ level, format, clock, destination: { write: (line) => lines.push(line) } })
  new RequestLog({
    ...{ log, clock, follow: ledger.follow, placeOf: (one: RequestObservation) => ledger.placeOf(one) },
    ...{ watchesFiles: true, agent: 'csi-driver-spiffe', issuedLevel: 'info', issuedPerSecond: 10, idsOf: () => ids },
    ...rest,
  })
  const report = (...observations: readonly Observation[]) => observations.forEach(ledger.report)
  const written = () =>
    lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>> & { event: EventName })
  return { clock, report, lines, written }
}

const denied = (overrides: Partial<RequestObservation> = {}) =>
  change(
    'added',
    request({
      ...{ state: 'denied', reason: 'denied_policy', message: 'no policy matches', concludedMs: epochMs + 2_000 },
      ...overrides,
    }),
  )

describe('a line of the log', () => {
  it('says of an issued SVID to whom, by whom, how fast and until when', async () => {
    const { clock, report, written } = startLog()
    report(change('added', pending('request-1', '99')))
    await clock.advance(312)
    report(change('modified', request({ concludedMs: epochMs })))
    expect(written()).toEqual([
      {
        time: '2026-01-01T00:00:00.312Z',
        level: 'info',
        event: 'svid_issued',
        result: 'success',
        spiffe_id: 'spiffe://example.org/ns/team-a/sa/web',
        trust_domain: 'example.org',
        namespace: 'team-a',
        pod: 'web-1',
        workload_uid: 'pod-1',
        agent_id: 'node-1/csi-driver-spiffe',
        issuer: 'ClusterIssuer/spiffe-ca',
        request: 'request-1',
        attestation_method: 'cert-manager',
        duration_ms: 312,
        expires_at: '2026-01-01T01:00:00.000Z',
        ttl_seconds: 3600,
        rotation: false,
        trace_id: ids.traceId,
        span_id: ids.spanId,
        message: 'team-a/web-1: ClusterIssuer/spiffe-ca has issued spiffe://example.org/ns/team-a/sa/web',
      },
    ])
  })

  it('says of a denial and a failure why, in the words of who refused', () => {
    const { report, written } = startLog()
    report(
      denied(),
      denied({ uid: 'b', resourceVersion: '101', state: 'failed', reason: 'failed_signing', message: 'no key' }),
    )
    expect(written()).toMatchObject([
      {
        level: 'warn',
        event: 'workload_attestation',
        result: 'failure',
        failure_reason: 'denied_policy',
        detail: 'no policy matches',
        duration_ms: 2000,
        message:
          'team-a/web-1: ClusterIssuer/spiffe-ca: the request for spiffe://example.org/ns/team-a/sa/web was denied (denied_policy: no policy matches)',
      },
      {
        failure_reason: 'failed_signing',
        message: expect.stringContaining('has failed (failed_signing: no key)') as string,
      },
    ])
  })

  it('tells a renewal from the first SVID', () => {
    const { report, written } = startLog()
    report(change('added', request()))
    report(
      change('added', request({ uid: 'b', resourceVersion: '101', createdMs: epochMs + 1_000, svid: svid({}, -1) })),
    )
    expect(written().map(({ rotation }) => rotation)).toEqual([false, true])
  })

  it('is written once for each request, and not for those that had ended before', () => {
    const { report, written } = startLog()
    const one = request()
    report(change('added', one), change('modified', { ...one, resourceVersion: '101' }))
    report(...requestList('200', { ...one, resourceVersion: '101' }, request({ uid: 'old', resourceVersion: '50' })))
    expect(written().map(({ request: name }) => name)).toHaveLength(2)
  })

  it('leaves out what is not known', () => {
    const { report, written } = startLog({ idsOf: () => undefined, agent: undefined })
    const { owner, ...unowned } = request({ spiffeId: '', trustDomain: '', state: 'failed', reason: 'failed_other' })
    expect(owner).toBeDefined()
    report(change('added', unowned))
    expect(Object.keys(written()[0] ?? {})).toEqual([
      ...['level', 'time', 'event', 'failure_reason', 'result', 'namespace', 'issuer', 'request'],
      ...['attestation_method', 'message'],
    ])
    expect(written()[0]?.['message']).toBe(
      'CertificateRequest team-a/request-1: ClusterIssuer/spiffe-ca: the request for an SVID has failed (failed_other)',
    )
  })

  it('has only fields that are declared for its event', () => {
    const { report, written } = startLog()
    report(change('added', request()), denied({ uid: 'b', resourceVersion: '101' }))
    report(file('a'), file('b'))
    expect(written()).toHaveLength(3)
    for (const { event, level, ...rest } of written()) {
      const allowed: readonly string[] = ['time', 'message', ...events[event].fields]
      expect(Object.keys(rest).filter((name) => !allowed.includes(name))).toEqual([])
      expect([events[event].level].flat()).toContain(level)
    }
    for (const { fields } of Object.values(events)) for (const name of fields) expect(declared).toHaveProperty([name])
  })

  it('is one line that cannot act on a terminal, whatever an issuer says', () => {
    const { report, lines } = startLog({ format: 'pretty' })
    report(denied({ message: 'a\nb\u001b[31m"\\' }))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^[ -~]+\n$/)
  })

  it('says each thing once to people', () => {
    const { report, lines } = startLog({ format: 'pretty', idsOf: () => undefined })
    report(denied())
    expect(lines[0]?.slice(31)).toBe(
      'team-a/web-1: ClusterIssuer/spiffe-ca: the request for spiffe://example.org/ns/team-a/sa/web was denied ' +
        '(denied_policy: no policy matches) result="failure" workload_uid="pod-1" agent_id="node-1/csi-driver-spiffe" ' +
        'request="request-1" attestation_method="cert-manager" duration_ms=2000 rotation=false\n',
    )
  })
})

/** The file at /svid.pem was read with this SVID. */
const file = (fingerprint: string): Observation => ({
  kind: 'file',
  file: { path: '/svid.pem', reading: { svid: svid({ fingerprint }) } },
})

describe('an SVID in a file', () => {
  it('has a line when it was replaced, without a trace', () => {
    const { report, written } = startLog()
    report(file('a'), file('a'), file('b'))
    expect(written()).toEqual([
      {
        time: '2026-01-01T00:00:00.000Z',
        level: 'info',
        event: 'svid_issued',
        file: '/svid.pem',
        spiffe_id: 'spiffe://example.org/ns/team-a/sa/web',
        trust_domain: 'example.org',
        expires_at: '2026-01-01T01:00:00.000Z',
        ttl_seconds: 3600,
        rotation: true,
        result: 'success',
        message: '/svid.pem: the SVID spiffe://example.org/ns/team-a/sa/web was replaced',
      },
    ])
  })

  it('has none while it cannot be read', () => {
    const { report, written } = startLog()
    report(
      file('a'),
      { kind: 'file', file: { path: '/svid.pem', reading: { problem: 'missing', detail: 'gone' } } },
      file('a'),
    )
    expect(written()).toEqual([])
  })

  it('has none where it is in the volume of a pod, because its request has', () => {
    const { report, written } = startLog()
    report(...nodeTells('node-1', mounted()), ...nodeTells('node-1', mounted({ reading: { svid: svid({}, -1) } })))
    expect(written()).toEqual([])
  })
})

describe('above the rate', () => {
  const issuedOnes = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => {
      const uid = `${from + index}`
      return change('added', request({ uid, resourceVersion: `${100 + from + index}`, name: uid }))
    })

  it('lines about issued SVIDs are left out and counted, those about failures are not', async () => {
    const { clock, report, written } = startLog({ issuedPerSecond: 3 })
    report(...issuedOnes(0, 10))
    report(...[900, 901, 902, 903].map((version) => denied({ uid: `${version}`, resourceVersion: `${version}` })))
    await clock.advance(1_000)
    report(...issuedOnes(1_000, 1))
    expect(written().map(({ event, count, level }) => [event, level, count].join(' ').trim())).toEqual([
      ...Array<string>(3).fill('svid_issued info'),
      ...Array<string>(4).fill('workload_attestation warn'),
      'lines_left_out info 7',
      'svid_issued info',
    ])
  })

  it('the level of the lines about issued SVIDs is a setting', () => {
    const { report, written } = startLog({ issuedLevel: 'debug', level: 'info' })
    report(...issuedOnes(0, 1), denied({ uid: 'denied', resourceVersion: '900' }))
    expect(written().map(({ event }) => event)).toEqual(['workload_attestation'])
  })
})
