import { describe, expect, it } from 'vitest'
import { durationBuckets } from '../../../src/ledger/issuance/view.ts'
import { samplesOf, scrapedAtMs, scrapeText } from '../../support/exposition.ts'
import { issuedAtMs, issuerView, sourceStatus, svidView, type LedgerData } from '../../support/fakeLedger.ts'

const web =
  'spiffe_id="spiffe://example.org/ns/team-a/sa/web",trust_domain="example.org",namespace="team-a",pod="web-0",volume="tls",node="node-1",issuer="ClusterIssuer/spiffe-ca"'
const mounted = `${web},copy="mounted"`
const issuer = { trust_domain: 'example.org', issuer: 'ClusterIssuer/spiffe-ca' }
const issuerText = 'trust_domain="example.org",issuer="ClusterIssuer/spiffe-ca"'
const issuerValues = ['example.org', 'ClusterIssuer/spiffe-ca']
const mountedFile = svidView(
  { file: '/run/svid.pem', namespace: '', pod: '', volume: '', node: '', issuer: '' },
  { notAfterMs: scrapedAtMs - 500 },
)

const cases: readonly [what: string, data: LedgerData, family: string, lines: readonly string[]][] = [
  [
    'seconds left, as of the scrape',
    { svids: [svidView()] },
    'spire_svid_expiry_seconds',
    [`spire_svid_expiry_seconds{${mounted}} 3540`],
  ],
  [
    'negative seconds left of an expired SVID, and only labels that have a value',
    { svids: [mountedFile] },
    'spire_svid_expiry_seconds',
    [
      'spire_svid_expiry_seconds{spiffe_id="spiffe://example.org/ns/team-a/sa/web",trust_domain="example.org",file="/run/svid.pem",copy="mounted"} -0.5',
    ],
  ],
  [
    'both copies of one SVID',
    { svids: [svidView({ copy: 'issued' }, { notAfterMs: scrapedAtMs + 9_000 }), svidView()] },
    'spire_svid_expiry_seconds',
    [`spire_svid_expiry_seconds{${web},copy="issued"} 9`, `spire_svid_expiry_seconds{${mounted}} 3540`],
  ],
  [
    'when an SVID expires',
    { svids: [svidView()] },
    'spiffe_svid_not_after_timestamp_seconds',
    [`spiffe_svid_not_after_timestamp_seconds{${mounted}} ${Date.UTC(2026, 10, 22, 13) / 1000}`],
  ],
  [
    'when an SVID began',
    { svids: [svidView()] },
    'spiffe_svid_not_before_timestamp_seconds',
    [`spiffe_svid_not_before_timestamp_seconds{${mounted}} ${issuedAtMs / 1000}`],
  ],
  [
    'when a renewal is due',
    { svids: [svidView()] },
    'spiffe_svid_renewal_due_timestamp_seconds',
    [`spiffe_svid_renewal_due_timestamp_seconds{${mounted}} ${Date.UTC(2026, 10, 22, 12, 40) / 1000}`],
  ],
  [
    'when a copy was last seen, also once its source is blind',
    { svids: [svidView({}, { lastObservedMs: issuedAtMs + 1_500 })] },
    'spiffe_svid_last_observed_timestamp_seconds',
    [`spiffe_svid_last_observed_timestamp_seconds{${mounted}} ${issuedAtMs / 1000 + 1.5}`],
  ],
  [
    'a copy that cannot be read at present, with the reason',
    { unreadable: [{ labels: svidView().labels, reason: 'unmounted' }] },
    'spiffe_svid_unreadable',
    [`spiffe_svid_unreadable{${mounted},reason="unmounted"} 1`],
  ],
  [
    'a drift, whose labels carry no source even where the ledger hands out those of a copy',
    { drifts: [{ labels: svidView().labels, cause: 'mount_stale' }] },
    'spiffe_svid_drift',
    [`spiffe_svid_drift{${web},cause="mount_stale"} 1`],
  ],
  [
    'a copy that peers refuse, with the reason',
    { refused: [{ labels: svidView({ copy: 'served' }).labels, reason: 'unknown_authority' }] },
    'spiffe_svid_refused',
    [`spiffe_svid_refused{${web},copy="served",reason="unknown_authority"} 1`],
  ],
  [
    'probes by what they came to',
    {
      probeCounts: new Map([
        ['svid', 7],
        ['timeout', 0],
      ]),
    },
    'svidwatch_probes_total',
    ['svidwatch_probes_total{outcome="svid"} 7', 'svidwatch_probes_total{outcome="timeout"} 0'],
  ],
  [
    'probes of servers in other trust domains by whether they verify',
    {
      federatedProbes: [
        { trustDomain: 'partner.example', result: 'verified', count: 4 },
        { trustDomain: 'partner.example', result: 'refused', count: 0 },
      ],
    },
    'spiffe_federated_probes_total',
    [
      'spiffe_federated_probes_total{trust_domain="partner.example",result="verified"} 4',
      'spiffe_federated_probes_total{trust_domain="partner.example",result="refused"} 0',
    ],
  ],
  [
    'what probes found, by namespace; configured targets have none',
    {
      probes: [
        { namespace: 'team-a', state: 'served', count: 2 },
        { namespace: '', state: 'unreachable', count: 1 },
      ],
    },
    'spiffe_workload_probes',
    ['spiffe_workload_probes{namespace="team-a",state="served"} 2', 'spiffe_workload_probes{state="unreachable"} 1'],
  ],
  [
    'when the bundles of configured files expire, but for one that was never read',
    {
      fileBundles: [
        { file: '/a.pem', notAfterMs: issuedAtMs },
        { file: '/b.pem', notAfterMs: undefined, problem: 'missing' },
      ],
    },
    'spiffe_file_bundle_not_after_timestamp_seconds',
    [`spiffe_file_bundle_not_after_timestamp_seconds{file="/a.pem"} ${issuedAtMs / 1000}`],
  ],
  [
    'a bundle of a configured file that cannot be read, with the reason',
    { fileBundles: [{ file: '/b.pem', notAfterMs: issuedAtMs, problem: 'malformed_pem' }] },
    'spiffe_file_bundle_unreadable',
    ['spiffe_file_bundle_unreadable{file="/b.pem",reason="malformed_pem"} 1'],
  ],
  [
    'copies by state, with zero for the states that none is in',
    {
      svids: [
        svidView({}, { state: 'expired' }),
        svidView({ pod: 'web-1' }),
        svidView({ pod: 'web-2' }),
        svidView({ namespace: '', file: '/a.pem' }, { state: 'renewal_overdue' }),
      ],
    },
    'spiffe_svids',
    [
      'spiffe_svids{trust_domain="example.org",namespace="team-a",copy="mounted",state="valid"} 2',
      'spiffe_svids{trust_domain="example.org",namespace="team-a",copy="mounted",state="renewal_overdue"} 0',
      'spiffe_svids{trust_domain="example.org",namespace="team-a",copy="mounted",state="expired"} 1',
      'spiffe_svids{trust_domain="example.org",copy="mounted",state="valid"} 0',
      'spiffe_svids{trust_domain="example.org",copy="mounted",state="renewal_overdue"} 1',
      'spiffe_svids{trust_domain="example.org",copy="mounted",state="expired"} 0',
    ],
  ],
  [
    'the copies in use by the part of their lifetime',
    {
      svids: [
        svidView({}),
        svidView({ pod: 'web-1' }, { notAfterMs: scrapedAtMs - 1 }),
        svidView({ pod: 'web-2' }, { inUse: false }),
      ],
    },
    'spiffe_svids_in_use',
    [
      ['until_due_75-100', 1],
      ['until_due_50-75', 0],
      ['until_due_25-50', 0],
      ['until_due_0-25', 0],
      ['overdue_75-100', 0],
      ['overdue_50-75', 0],
      ['overdue_25-50', 0],
      ['overdue_0-25', 0],
      ['expired', 1],
    ].map(
      ([left, count]) =>
        `spiffe_svids_in_use{trust_domain="example.org",namespace="team-a",copy="mounted",left="${left}"} ${count}`,
    ),
  ],
  [
    'the time that the chain of an issuer has left',
    { issuers: [issuerView({ chain: { notBeforeMs: 0, notAfterMs: scrapedAtMs + 86_400_000 } })] },
    'spire_server_ca_cert_expiry_seconds',
    [`spire_server_ca_cert_expiry_seconds{${issuerText}} 86400`],
  ],
  [
    'when the chain of an issuer began, where one is known',
    { issuers: [issuerView(), issuerView({ issuer: 'ClusterIssuer/other', chain: undefined })] },
    'spiffe_ca_not_before_timestamp_seconds',
    [`spiffe_ca_not_before_timestamp_seconds{${issuerText}} ${issuedAtMs / 1000 - 3600}`],
  ],
  [
    'when an issuer last issued',
    { issuers: [issuerView({ chain: undefined })] },
    'spiffe_issuer_last_issued_timestamp_seconds',
    [`spiffe_issuer_last_issued_timestamp_seconds{${issuerText}} ${issuedAtMs / 1000}`],
  ],
  [
    'since when the oldest request waits, where any does',
    {
      requestCounts: [
        { namespace: 'team-a', issuer: issuer.issuer, state: 'issued', reason: '', count: 4 },
        {
          namespace: 'team-a',
          issuer: issuer.issuer,
          state: 'approved',
          reason: 'awaiting_issuer',
          count: 2,
          oldestMs: issuedAtMs,
        },
      ],
    },
    'spiffe_certificate_request_oldest_waiting_timestamp_seconds',
    [
      `spiffe_certificate_request_oldest_waiting_timestamp_seconds{namespace="team-a",issuer="ClusterIssuer/spiffe-ca",state="approved",reason="awaiting_issuer"} ${issuedAtMs / 1000}`,
    ],
  ],
  [
    'successes, zero included',
    { totals: { attestationSuccess: [{ labels: [...issuerValues, 'cert-manager'], value: 0 }] } },
    'spire_attestation_success_total',
    [`spire_attestation_success_total{${issuerText},method="cert-manager"} 0`],
  ],
  [
    'failures by reason',
    { totals: { attestationFailure: [{ labels: [...issuerValues, 'cert-manager', 'denied_is_ca'], value: 3 }] } },
    'spire_attestation_failure_total',
    [`spire_attestation_failure_total{${issuerText},method="cert-manager",reason="denied_is_ca"} 3`],
  ],
  [
    'identities that lie',
    { totals: { identityMismatches: [{ labels: issuerValues, value: 2 }] } },
    'spiffe_identity_annotation_mismatches_total',
    [`spiffe_identity_annotation_mismatches_total{${issuerText}} 2`],
  ],
  [
    'requests by state; the reason only where there is one',
    {
      requestCounts: [
        { namespace: 'team-a', issuer: issuer.issuer, state: 'issued', reason: '', count: 4 },
        { namespace: 'team-a', issuer: issuer.issuer, state: 'denied', reason: 'denied_is_ca', count: 1 },
      ],
    },
    'spiffe_certificate_requests',
    [
      'spiffe_certificate_requests{namespace="team-a",issuer="ClusterIssuer/spiffe-ca",state="issued"} 4',
      'spiffe_certificate_requests{namespace="team-a",issuer="ClusterIssuer/spiffe-ca",state="denied",reason="denied_is_ca"} 1',
    ],
  ],
  [
    'sources that see and sources that are blind',
    { sources: [sourceStatus(), sourceStatus({ source: 'pods', up: false })] },
    'svidwatch_source_up',
    ['svidwatch_source_up{source="mountedSvids"} 1', 'svidwatch_source_up{source="pods"} 0'],
  ],
  [
    'what has no place, and what has',
    {
      withoutPlace: [
        { kind: 'issuer', count: 0 },
        { kind: 'volume', count: 2 },
      ],
    },
    'svidwatch_without_place',
    [
      'svidwatch_without_place{kind="issuer"} 0',
      'svidwatch_without_place{kind="volume"} 2',
      'svidwatch_without_place{kind="trust_domain"} 0',
      'svidwatch_without_place{kind="authority"} 0',
    ],
  ],
  [
    'what runs',
    {},
    'svidwatch_build_info',
    ['svidwatch_build_info{version="1.2.3",node_version="v24.0.0",roles="cluster,node"} 1'],
  ],
]

const inTrustDomain = (trust_domain: string, namespace = 'team-a') => svidView({ trust_domain, namespace })

it('names 1,000 groups in spiffe_svids, of each namespace its share, and counts every copy all the same', async () => {
  const named = Array.from({ length: 1000 }, (_, index) => inTrustDomain(`td-${index}.example`))
  const further = ['a.example', 'b.example'].map((name) => inTrustDomain(name))
  const svids = [...named, ...further, inTrustDomain('c.example', 'team-b'), inTrustDomain('td-0.example')]
  const text = await scrapeText({ svids })
  const valid = samplesOf(text, 'spiffe_svids')?.filter((line) => line.includes('"valid"'))
  expect(valid?.[0]).toBe('spiffe_svids{trust_domain="td-0.example",namespace="team-a",copy="mounted",state="valid"} 2')
  expect(valid?.slice(998)).toEqual([
    'spiffe_svids{trust_domain="td-998.example",namespace="team-a",copy="mounted",state="valid"} 1',
    'spiffe_svids{namespace="team-a",copy="mounted",state="valid"} 3',
    'spiffe_svids{trust_domain="c.example",namespace="team-b",copy="mounted",state="valid"} 1',
  ])
  expect(samplesOf(text, 'svidwatch_without_place')).toContain('svidwatch_without_place{kind="trust_domain"} 2')
})

describe('from the ledger to the exposition', () => {
  it.each(cases)('%s', async (_, data, family, lines) => {
    expect(samplesOf(await scrapeText(data), family)).toEqual(lines)
  })

  it.each([
    ['spire_server_svid_renewal_duration_seconds', 'renewalDuration'],
    ['spiffe_certificate_request_approval_duration_seconds', 'approvalDuration'],
    ['spiffe_certificate_request_signing_duration_seconds', 'signingDuration'],
    ['spiffe_pod_first_svid_duration_seconds', 'firstSvid'],
    ['spiffe_svid_mount_duration_seconds', 'mount'],
  ] as const)('%s is the histogram %s', async (family, total) => {
    const counts = [...durationBuckets.map(() => 1), 2]
    const text = await scrapeText({ totals: { [total]: [{ labels: issuerValues, counts, sum: 12.5 }] } })
    expect(samplesOf(text, family)).toEqual([
      ...durationBuckets.map((bound, index) => `${family}_bucket{${issuerText},le="${bound}"} ${index + 1}`),
      `${family}_bucket{${issuerText},le="+Inf"} ${durationBuckets.length + 2}`,
      `${family}_sum{${issuerText}} 12.5`,
      `${family}_count{${issuerText}} ${durationBuckets.length + 2}`,
    ])
  })

  it('tells when each source last saw its system, but for one that never did', async () => {
    const never = sourceStatus({ source: 'pods' })
    delete never.lastContactMs
    const text = await scrapeText({ sources: [sourceStatus(), never] })
    expect(samplesOf(text, 'svidwatch_source_last_contact_timestamp_seconds')).toEqual([
      `svidwatch_source_last_contact_timestamp_seconds{source="mountedSvids"} ${issuedAtMs / 1000}`,
    ])
  })

  it.each([
    ['svidwatch_source_errors_total', sourceStatus().troubles],
    ['svidwatch_rejected_inputs_total', sourceStatus().rejections],
  ])('%s has every reason from the start, at zero', async (family, reasons) => {
    expect(samplesOf(await scrapeText({ sources: [sourceStatus()] }), family)).toEqual(
      [...reasons.keys()].map((reason) => `${family}{source="mountedSvids",reason="${reason}"} 0`),
    )
  })

  it('tells of the process what the operating system says of it', async () => {
    const text = await scrapeText({})
    const value = (family: string) => Number(samplesOf(text, family)?.[0]?.split(' ')[1])
    expect(value('process_cpu_seconds_total')).toBeCloseTo(process.cpuUsage().user / 1e6, -1)
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(10_000_000)
    expect(value('process_start_time_seconds')).toBeLessThan(scrapedAtMs / 1000)
    expect(value('process_start_time_seconds')).toBeGreaterThan(scrapedAtMs / 1000 - 3600)
  })
})
