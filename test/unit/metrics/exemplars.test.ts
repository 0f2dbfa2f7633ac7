import { describe, expect, it } from 'vitest'
import type { RequestObservation } from '../../../src/ledger/issuance/observations.ts'
import type { ConcludedRequest, StepSeconds } from '../../../src/ledger/issuance/view.ts'
import { durationBuckets } from '../../../src/ledger/issuance/view.ts'
import { Exemplars, type CountedRotation } from '../../../src/metrics/exemplars.ts'
import { metricsOver, textFrom } from '../../support/exposition.ts'
import { epochMs, request } from '../../support/observations.ts'

const openMetrics = 'application/openmetrics-text;version=1.0.0'
const issuerLabels = ['example.org', 'ClusterIssuer/spiffe-ca']
const labels = 'trust_domain="example.org",issuer="ClusterIssuer/spiffe-ca"'
const counts = [...durationBuckets.map(() => 1), 1]
const histogram = [{ labels: issuerLabels, counts, sum: 1 }]

/** A ledger that has counted something of everything that can have an exemplar. */
const ledger = {
  totals: {
    attestationSuccess: [{ labels: [...issuerLabels, 'cert-manager'], value: 3 }],
    attestationFailure: [{ labels: [...issuerLabels, 'cert-manager', 'denied_policy'], value: 1 }],
    ...{ approvalDuration: histogram, signingDuration: histogram, renewalDuration: histogram },
    ...{ firstSvid: histogram, mount: histogram },
  },
}

const idsOf = (digit: string) => ({ traceId: digit.repeat(32), spanId: digit.repeat(16) })
const told = (digit: string, value: number, seconds: string) =>
  `# {trace_id="${digit.repeat(32)}",span_id="${digit.repeat(16)}"} ${value} ${seconds}`

function rotation(
  seconds: StepSeconds,
  overrides: Partial<RequestObservation> = {},
  mountSeconds?: number,
): CountedRotation {
  const countedAs = { trustDomain: 'example.org', issuer: 'ClusterIssuer/spiffe-ca' }
  const concluded: ConcludedRequest = { request: request(overrides), seen: {}, seconds, countedAs }
  return {
    concluded,
    delivery: mountSeconds === undefined ? undefined : { seconds: mountSeconds, countedAs },
    observedMs: epochMs + 1_250,
  }
}

const scraped = async (exemplars: Exemplars, accept = openMetrics) =>
  (await textFrom(metricsOver(ledger, { exemplars }), accept)).split('\n')

/** The lines that have an exemplar. */
const withExemplars = async (exemplars: Exemplars) => (await scraped(exemplars)).filter((line) => line.includes(' # '))

describe('exemplars', () => {
  it('refer from each counter and bucket to the rotation that it has counted, with value and time', async () => {
    const exemplars = new Exemplars()
    exemplars.add(rotation({ approval: 0.1, signing: 0.4, renewal: 0.5, firstSvid: 31 }, {}, 4_000), idsOf('a'))
    const at = String((epochMs + 1_250) / 1000)
    expect(await withExemplars(exemplars)).toEqual([
      `spire_attestation_success_total{${labels},method="cert-manager"} 3 ${told('a', 1, at)}`,
      `spire_server_svid_renewal_duration_seconds_bucket{${labels},le="0.5"} 3 ${told('a', 0.5, at)}`,
      `spiffe_certificate_request_approval_duration_seconds_bucket{${labels},le="0.1"} 1 ${told('a', 0.1, at)}`,
      `spiffe_certificate_request_signing_duration_seconds_bucket{${labels},le="0.5"} 3 ${told('a', 0.4, at)}`,
      `spiffe_pod_first_svid_duration_seconds_bucket{${labels},le="60.0"} 9 ${told('a', 31, at)}`,
      `spiffe_svid_mount_duration_seconds_bucket{${labels},le="+Inf"} 14 ${told('a', 4_000, at)}`,
    ])
  })

  it('refer from a failure to its rotation', async () => {
    const exemplars = new Exemplars()
    exemplars.add(rotation({}, { state: 'denied', reason: 'denied_policy' }), idsOf('b'))
    expect(await withExemplars(exemplars)).toEqual([
      `spire_attestation_failure_total{${labels},method="cert-manager",reason="denied_policy"} 1 ${told('b', 1, '1767225601.25')}`,
    ])
  })

  it('are the newest of each sample', async () => {
    const exemplars = new Exemplars()
    exemplars.add(rotation({ renewal: 0.5 }), idsOf('a'))
    exemplars.add(rotation({ renewal: 0.05 }), idsOf('b'))
    const lines = await withExemplars(exemplars)
    expect(lines.map((line) => /trace_id="(.)/.exec(line)?.[1])).toEqual(['b', 'b', 'a'])
  })

  it('refer to no rotation that ended a day before the newest one', async () => {
    const exemplars = new Exemplars()
    exemplars.add(rotation({ renewal: 5 }), idsOf('a'))
    const [old] = await withExemplars(exemplars)
    const later = { ...rotation({ renewal: 0.5 }), observedMs: epochMs + 1_250 + 24 * 60 * 60_000 }
    exemplars.add(later, idsOf('b'))
    expect(old).toContain(told('a', 1, '').trimEnd())
    expect((await scraped(exemplars)).filter((line) => line.includes('a'.repeat(32)))).toEqual([])
  })

  it('never refer to a trace that will not arrive', async () => {
    const exemplars = new Exemplars()
    exemplars.add(rotation({ renewal: 0.5 }), idsOf('a'))
    exemplars.add(rotation({ renewal: 5 }), idsOf('b'))
    exemplars.forget('b'.repeat(32))
    expect((await withExemplars(exemplars)).join('\n')).not.toContain('bbbb')
    exemplars.forget('a'.repeat(32))
    expect(await withExemplars(exemplars)).toEqual([])
  })

  it('of a trace that others have replaced stay when it is lost', async () => {
    const exemplars = new Exemplars()
    exemplars.add(rotation({ renewal: 0.5 }), idsOf('a'))
    exemplars.add(rotation({ renewal: 0.5 }), idsOf('b'))
    exemplars.forget('a'.repeat(32))
    expect(await withExemplars(exemplars)).toHaveLength(2)
  })

  it('are not in the text format, which has none', async () => {
    const exemplars = new Exemplars()
    exemplars.add(rotation({ renewal: 0.5 }), idsOf('a'))
    expect((await scraped(exemplars, 'text/plain')).join('\n')).not.toContain(' # {')
  })
})

it('what became of spans is counted', async () => {
  const outcomes = { exported: 5, failed: 1, dropped: 2, unsampled: 0, too_old: 0 }
  const build = { version: '1.2.3', nodeVersion: 'v24.0.0', roles: ['cluster'] as const }
  const text = await textFrom(metricsOver(ledger, { spans: { offered: 12, queued: 4, outcomes }, build }))
  expect(text.split('\n').filter((line) => line.startsWith('svidwatch_trace_'))).toEqual([
    'svidwatch_trace_spans_offered_total 12',
    'svidwatch_trace_spans_total{outcome="exported"} 5',
    'svidwatch_trace_spans_total{outcome="failed"} 1',
    'svidwatch_trace_spans_total{outcome="dropped"} 2',
    'svidwatch_trace_spans_total{outcome="unsampled"} 0',
    'svidwatch_trace_spans_total{outcome="too_old"} 0',
    'svidwatch_trace_spans_queued 4',
  ])
})
