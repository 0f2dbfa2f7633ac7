import { svidLabelNames } from '../../ledger/workloads/view.ts'
import type { Catalogue } from './declaration.ts'

/** The labels of the series of one SVID, whatever its copies; drift adds its cause. */
export const driftLabelNames = ['spiffe_id', 'trust_domain', 'namespace', 'pod', 'volume', 'node', 'issuer'] as const

/** The most combinations of trust domain, namespace and copy that are counted separately. */
export const maxSvidGroups = 1000

/** A process that watches only bundle endpoints has no SVIDs. */
const svidMetric = {
  roles: ['cluster', 'standalone'],
  sources: ['certificateRequests', 'nodeFindings', 'mountedSvids', 'files', 'servedSvids'],
  since: '0.1.0',
} as const

const forEachCopy = {
  ...svidMetric,
  type: 'gauge',
  labels: svidLabelNames,
  stability: 'stable',
  cardinality: 'one for each copy of each SVID',
  unit: 'seconds',
} as const

const forEachIssuer = {
  type: 'gauge',
  labels: ['trust_domain', 'issuer'],
  stability: 'stable',
  cardinality: 'one for each trust domain and issuer',
  roles: ['cluster'],
  sources: ['certificateRequests'],
  since: '0.1.0',
  unit: 'seconds',
} as const

/** The SVIDs, and the CAs behind them. */
export const svidMetrics = {
  spire_svid_expiry_seconds: {
    ...forEachCopy,
    help: 'Seconds until the SVID expires, at the time of the scrape. Negative once it has expired. No series for a copy whose expiry cannot be read.',
    runbook: true,
  },
  spire_server_ca_cert_expiry_seconds: {
    ...forEachIssuer,
    help: 'Seconds until the earliest expiry in the issuing chain, at the time of the scrape. The chain is that of the newest SVID of the issuer and is read from CertificateRequests, which needs the role cluster. Negative once a certificate of the chain has expired.',
    runbook: true,
  },
  spiffe_ca_not_before_timestamp_seconds: {
    ...forEachIssuer,
    help: 'The notBefore time of the certificate that spire_server_ca_cert_expiry_seconds is about, in seconds since the Unix epoch.',
  },
  spiffe_svid_not_after_timestamp_seconds: {
    ...forEachCopy,
    help: 'When the SVID expires, in seconds since the Unix epoch.',
  },
  spiffe_svid_not_before_timestamp_seconds: {
    ...forEachCopy,
    help: 'When the validity of the SVID begins (notBefore), in seconds since the Unix epoch.',
  },
  spiffe_svid_renewal_due_timestamp_seconds: {
    ...forEachCopy,
    help: 'When the renewal of the SVID is due, in seconds since the Unix epoch. A healthy workload has a newer SVID soon after that.',
  },
  spiffe_svid_last_observed_timestamp_seconds: {
    ...forEachCopy,
    help: 'When svidwatch last had evidence of this copy, in seconds since the Unix epoch. The value no longer advances once the copy cannot be seen.',
  },
  spiffe_svid_unreadable: {
    help: '1 while a certificate file cannot be read; the label reason says why. A series without spiffe_id is a file that was never read. With spiffe_id, the other series of the copy have the values that were last read.',
    type: 'gauge',
    labels: [...svidLabelNames, 'reason'],
    stability: 'experimental',
    cardinality: 'one for each file that cannot be read',
    roles: ['cluster', 'standalone'],
    sources: ['nodeFindings', 'mountedSvids', 'files'],
    since: '0.1.0',
  },
  spiffe_svid_drift: {
    help: '1 while copies of the SVID that should be the same differ; the label cause says how. A cause that follows from another one is left out: containers with an older mount are named for the mount, not for what their servers present.',
    type: 'gauge',
    labels: [...driftLabelNames, 'cause'],
    stability: 'stable',
    cardinality: 'one for each workload whose copies differ, and cause',
    roles: ['cluster'],
    sources: ['nodeFindings', 'mountedSvids'],
    since: '0.1.0',
  },
  spiffe_svid_refused: {
    help: '1 while SPIFFE peers refuse the copy although it has not expired; the label reason says why. A mounted copy is checked against the trust bundle in its own volume, a configured file against the bundle that is configured with it, a served copy against the bundle that was fetched for its trust domain. No series for a copy without such a bundle, unless a certificate of its own chain has expired or is not valid yet.',
    type: 'gauge',
    labels: [...svidLabelNames, 'reason'],
    stability: 'experimental',
    cardinality: 'one for each copy that peers refuse',
    roles: ['cluster', 'standalone'],
    sources: ['nodeFindings', 'mountedSvids', 'files', 'servedSvids'],
    since: '0.1.0',
  },
  spiffe_svids: {
    ...svidMetric,
    help: 'Number of copies of SVIDs by state: valid, renewal_overdue or expired. Copies without a series of their own are included.',
    type: 'gauge',
    labels: ['trust_domain', 'namespace', 'copy', 'state'],
    stability: 'stable',
    cardinality: `three (the states) for each trust domain, namespace and copy; beyond ${maxSvidGroups} of these combinations, which are divided between the namespaces, further trust domains are counted together without the label trust_domain`,
  },
  spiffe_svids_in_use: {
    ...svidMetric,
    help: 'Number of SVIDs in use by how much of their lifetime is left, in percent: first of the time until the renewal is due, then of the time from there to the expiry. The copy in use is the mounted one if it is known, otherwise the issued one; for a configured target, the served one. Copies without a series of their own are included.',
    type: 'gauge',
    labels: ['trust_domain', 'namespace', 'copy', 'left'],
    stability: 'stable',
    cardinality: 'nine (the parts of a lifetime) for each trust domain, namespace and copy, bounded as spiffe_svids is',
  },
  svidwatch_series_dropped: {
    roles: ['cluster', 'standalone'],
    since: '0.1.0',
    help: 'Number of per-SVID series that are left out. Either limits.series is reached, or another copy has the same labels. The series of problems are the last to be left out.',
    type: 'gauge',
    labels: ['family'],
    stability: 'stable',
    cardinality: 'one for each family that has a series for each SVID',
  },
} as const satisfies Catalogue
