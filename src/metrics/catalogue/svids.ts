import type { Catalogue } from './declaration.ts'

/** Labels of every series that stands for one copy of one SVID. */
export const svidLabelNames = [
  'spiffe_id',
  'trust_domain',
  'namespace',
  'pod',
  'volume',
  'node',
  'issuer',
  'file',
  'copy',
] as const

/** Labels of every series that stands for one workload whose copies differ, but for the cause. */
export const driftLabelNames = ['spiffe_id', 'trust_domain', 'namespace', 'pod', 'volume', 'node', 'issuer'] as const

/** Up to so many combinations of trust domain, namespace and copy the copies are counted for each. */
export const maxSvidGroups = 1000

/** The standalone role may watch nothing but bundle endpoints. */
const ofSvids = { roles: ['cluster', 'standalone'], sources: ['certificateRequests', 'files'], since: '0.1.0' } as const

const forEachCopy = {
  ...ofSvids,
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
  since: '0.1.0',
  unit: 'seconds',
} as const

/** What is known of SVIDs and of the CAs behind them. */
export const svidMetrics = {
  spire_svid_expiry_seconds: {
    ...forEachCopy,
    help: 'Seconds until the SVID expires, as of the scrape. Negative once it has expired. A copy whose expiry cannot be read has no series.',
    runbook: true,
  },
  spire_server_ca_cert_expiry_seconds: {
    ...forEachIssuer,
    help: 'Seconds until the earliest expiry in the issuing chain, as of the scrape. The chain is the one behind the newest SVID of the issuer; it is read from CertificateRequests, so that this needs the role cluster. Negative once it has expired.',
    runbook: true,
  },
  spiffe_ca_not_before_timestamp_seconds: {
    ...forEachIssuer,
    help: 'When the certificate that spire_server_ca_cert_expiry_seconds tells of began to be valid, in seconds since the Unix epoch.',
  },
  spiffe_svid_not_after_timestamp_seconds: {
    ...forEachCopy,
    help: 'When the SVID expires, in seconds since the Unix epoch.',
  },
  spiffe_svid_not_before_timestamp_seconds: {
    ...forEachCopy,
    help: 'When the SVID begins to be valid, in seconds since the Unix epoch.',
  },
  spiffe_svid_renewal_due_timestamp_seconds: {
    ...forEachCopy,
    help: 'When the renewal of the SVID is due, in seconds since the Unix epoch. A healthy workload has a newer SVID soon after.',
  },
  spiffe_svid_last_observed_timestamp_seconds: {
    ...forEachCopy,
    help: 'When this copy was last seen to be so, in seconds since the Unix epoch: when evidence last came from what sees it. It stands still once the copy cannot be seen.',
  },
  spiffe_svid_unreadable: {
    help: '1 while a certificate file cannot be read; the label says why. Without spiffe_id it never could; with it, the other series tell what was read last.',
    type: 'gauge',
    labels: [...svidLabelNames, 'reason'],
    stability: 'experimental',
    cardinality: 'one for each file that cannot be read',
    roles: ['cluster', 'standalone'],
    sources: ['nodeFindings', 'mountedSvids', 'files'],
    since: '0.1.0',
  },
  spiffe_svid_drift: {
    help: '1 while two copies of the SVID that should be the same are not; the label says in which way.',
    type: 'gauge',
    labels: [...driftLabelNames, 'cause'],
    stability: 'stable',
    cardinality: 'one for each workload whose copies differ, and cause',
    roles: ['cluster'],
    sources: ['nodeFindings', 'mountedSvids'],
    since: '0.1.0',
  },
  spiffe_svid_renewed_too_often: {
    help: '1 while the SVID is renewed again and again, far before its renewal is due. Each of the last three renewals came before a quarter of the time to the expiry had passed, and the newest SVID is as young.',
    type: 'gauge',
    labels: driftLabelNames,
    stability: 'stable',
    cardinality: 'one for each SVID that is renewed too often',
    roles: ['cluster'],
    sources: ['certificateRequests'],
    since: '0.1.0',
  },
  spiffe_svids: {
    ...ofSvids,
    help: 'Copies of SVIDs by state: valid, renewal_overdue or expired. All are counted, also those that have no series of their own.',
    type: 'gauge',
    labels: ['trust_domain', 'namespace', 'copy', 'state'],
    stability: 'stable',
    cardinality: `three (the states) for each trust domain, namespace and copy; beyond ${maxSvidGroups} of these, a further trust domain is left out of the label and counted with all others like it`,
  },
  spiffe_svids_in_use: {
    ...ofSvids,
    help: 'SVIDs that workloads go by, one for each, by how much is left of the time until the renewal is due, and then of the time from there to the expiry, in percent of that time. It is the mounted copy where it is known, and the issued one elsewhere. All are counted, also those that have no series of their own.',
    type: 'gauge',
    labels: ['trust_domain', 'namespace', 'copy', 'left'],
    stability: 'stable',
    cardinality: 'nine (the parts of a lifetime) for each trust domain, namespace and copy, bounded as spiffe_svids is',
  },
  svidwatch_series_dropped: {
    ...ofSvids,
    help: 'Series of single SVIDs that are left out. Either limits.series is reached, or another copy has the same labels.',
    type: 'gauge',
    labels: ['family'],
    stability: 'stable',
    cardinality: 'one for each family that has a series for each SVID',
  },
} as const satisfies Catalogue
