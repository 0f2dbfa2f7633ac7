import { describe, expect, it } from 'vitest'
import { catalogue, declarationOf, namesOf } from '../../../src/metrics/catalogue.ts'
import { labelValues } from '../../../src/metrics/catalogue/labelValues.ts'
import { scrapeText, wrongLabelValues } from '../../support/exposition.ts'
import { authorityView, copiesView, diagnosesOfTrust } from '../../support/fakeDiagnoses.ts'
import {
  bundleView,
  issuedAtMs,
  issuerView,
  nodeRoleView,
  sourceStatus,
  svidView,
  type LedgerData,
} from '../../support/fakeLedger.ts'

const names = namesOf(catalogue)

/** The names of the runbook that are exported, as it writes them. */
const runbook = [
  'spire_agent_svid_count',
  'spire_agent_up',
  'spire_attestation_failure_total',
  'spire_attestation_success_total',
  'spire_bundle_refresh_timestamp',
  'spire_server_ca_cert_expiry_seconds',
  'spire_server_svid_renewal_duration_seconds',
  'spire_svid_expiry_seconds',
]

const labels = ['example.org', 'ClusterIssuer/spiffe-ca']

/** A ledger that has something of every kind to tell. */
const oneOfEach: LedgerData = {
  svids: [svidView({ file: '/a.pem' })],
  drifts: [{ labels: svidView().labels, cause: 'mount_stale' }],
  issuers: [issuerView()],
  requestCounts: [
    { namespace: 'a', issuer: 'ClusterIssuer/b', state: 'failed', reason: 'failed_signing', count: 1 },
    { namespace: 'a', issuer: 'ClusterIssuer/b', state: 'approved', reason: 'awaiting_issuer', count: 1, oldestMs: 0 },
  ],
  sources: [sourceStatus()],
  nodeRoles: [nodeRoleView()],
  agents: [{ node: 'node-1', agent: 'csi-driver-spiffe', up: true, svids: 1 }],
  workloads: [{ namespace: 'team-a', state: 'none', count: 1 }],
  posture: [{ namespace: 'team-a', finding: 'host_pid', count: 1 }],
  bundles: [
    bundleView({
      bundle: {
        sequence: 1n,
        refreshHintMs: 1_000,
        x509Authorities: [{ der: '', notAfterMs: issuedAtMs }],
        jwtAuthorities: [{ keyId: 'a', expiresMs: issuedAtMs }],
      },
      lastContactMs: issuedAtMs,
    }),
  ],
  bundleObjects: [{ api: 'Bundle', name: 'spiffe-trust', synced: { is: true, reason: 'Synced', message: '' } }],
  totals: {
    attestationSuccess: [{ labels: [...labels, 'cert-manager'], value: 1 }],
    attestationFailure: [{ labels: [...labels, 'cert-manager', 'failed_other'], value: 1 }],
    identityMismatches: [{ labels, value: 1 }],
  },
}

const trust = diagnosesOfTrust({
  domains: [{ trustDomain: 'example.org', authorities: [authorityView()], nodes: copiesView() }],
  bundles: [copiesView(), copiesView({ name: 'ClusterTrustBundle/example.org:ca:1' })],
})

describe('the catalogue', () => {
  it('declares the names of the runbook, and no other as its own', () => {
    expect(names.filter((name) => declarationOf(name).runbook === true).sort()).toEqual(runbook)
    expect(names.filter((name) => name.startsWith('spire_')).sort()).toEqual(runbook)
  })

  it.each(names)('%s is named and described as the field does it', (name) => {
    const { help, type, labels, cardinality, since, unit } = declarationOf(name)
    expect(name).toMatch(/^(spire|spiffe|svidwatch|process|nodejs)_[a-z0-9_]+$/)
    expect(name.endsWith('_total')).toBe(type === 'counter')
    if (unit !== undefined) expect(name.replace(/_total$/, '')).toMatch(new RegExp(`_${unit}$`))
    expect(help).toMatch(/^[A-Z0-9].*\.$/)
    expect(cardinality).not.toBe('')
    expect(since).toMatch(/^\d+\.\d+\.\d+$/)
    expect(new Set(labels).size).toBe(labels.length)
    for (const label of labels) expect(label).toMatch(/^[a-z][a-z0-9_]*$/)
    expect(labels).not.toContain('le')
  })

  it.each(names.filter((name) => declarationOf(name).type !== 'gauge'))(
    '%s has no label that grows with pods or identities',
    (name) => {
      const unbounded = ['spiffe_id', 'pod', 'volume', 'node', 'file', 'namespace']
      expect(declarationOf(name).labels.filter((label) => unbounded.includes(label))).toEqual([])
    },
  )

  it('declares every label that is exported', async () => {
    const findings = { followers: 1, refusals: new Map([['missing', 1]]) }
    const spans = { offered: 1, queued: 0, outcomes: { exported: 1 } }
    const text = await scrapeText(oneOfEach, { findings, spans, diagnoses: trust })
    const samples = [...text.matchAll(/^([a-z_]+)\{(.*)\} /gm)]
    expect(samples.length).toBeGreaterThan(10)
    for (const [, name = '', labelText = ''] of samples) {
      const declared = names.find((known) => known === name)
      const written = [...labelText.matchAll(/(?:^|",)([a-z_]+)="/g)].map(([, label]) => label)
      expect([name, written]).toEqual([name, declared && declarationOf(declared).labels])
    }
  })

  it('declares the values of every label, and exports no other', async () => {
    const labels = new Set(names.flatMap((name) => declarationOf(name).labels))
    expect(Object.keys(labelValues).sort()).toEqual([...labels].sort())
    const findings = { followers: 1, refusals: new Map([['missing', 1]]) }
    const spans = { offered: 1, queued: 0, outcomes: { exported: 1 } }
    expect(wrongLabelValues(await scrapeText(oneOfEach, { findings, spans, diagnoses: trust }))).toEqual([])
  })
})
