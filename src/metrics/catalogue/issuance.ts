import { deliveryLabels, durationBuckets, totalsShape } from '../../ledger/issuance/view.ts'
import type { Catalogue } from './declaration.ts'

/** A duration has a series for each bucket, and for +Inf, sum and count. */
const duration = {
  type: 'histogram',
  stability: 'stable',
  cardinality: `${durationBuckets.length + 3} for each trust domain and issuer`,
  roles: ['cluster'],
  sources: ['certificateRequests'],
  since: '0.1.0',
  unit: 'seconds',
} as const

/** The labels of the series that count requests by state. */
export const requestLabels = ['namespace', 'issuer', 'state', 'reason'] as const

/** The requests for SVIDs and their outcomes. The counters and histograms survive a restart where totals are committed. */
export const issuanceMetrics = {
  spire_attestation_success_total: {
    help: 'Requests for an SVID that were approved and issued.',
    type: 'counter',
    labels: totalsShape.attestationSuccess.labels,
    stability: 'stable',
    cardinality: 'one for each trust domain, issuer and method',
    roles: ['cluster'],
    sources: ['certificateRequests'],
    since: '0.1.0',
    runbook: true,
  },
  spire_attestation_failure_total: {
    help: 'Requests for an SVID that were denied or failed, by reason. The trust domain is empty where nothing was issued in it.',
    type: 'counter',
    labels: totalsShape.attestationFailure.labels,
    stability: 'stable',
    cardinality: 'one for each trust domain, issuer, method and reason',
    roles: ['cluster'],
    sources: ['certificateRequests'],
    since: '0.1.0',
    runbook: true,
  },
  spire_server_svid_renewal_duration_seconds: {
    ...duration,
    help: 'Seconds from the creation of a request to the issued SVID.',
    labels: totalsShape.renewalDuration.labels,
    runbook: true,
  },
  spiffe_certificate_request_approval_duration_seconds: {
    ...duration,
    help: 'Seconds from the creation of a CertificateRequest to its approval.',
    labels: totalsShape.approvalDuration.labels,
  },
  spiffe_certificate_request_signing_duration_seconds: {
    ...duration,
    help: 'Seconds from the approval of a CertificateRequest to the issued SVID.',
    labels: totalsShape.signingDuration.labels,
  },
  spiffe_pod_first_svid_duration_seconds: {
    ...duration,
    help: 'Seconds from the start of a pod, as its kubelet acknowledged it, to the first SVID that was issued for a volume of it. Starts from zero with each start of svidwatch.',
    labels: deliveryLabels,
  },
  spiffe_svid_mount_duration_seconds: {
    ...duration,
    help: 'Seconds from the issuance of an SVID to the time at which its file was written. Only files that are written while svidwatch runs and that a node role sees. Starts from zero with each start of svidwatch.',
    labels: deliveryLabels,
    sources: ['nodeFindings', 'mountedSvids'],
    alongside: 'certificateRequests',
  },
  spiffe_certificate_requests: {
    help: 'Number of existing CertificateRequests for SVIDs, by state. Those that are not issued have a reason.',
    type: 'gauge',
    labels: requestLabels,
    stability: 'stable',
    cardinality: 'one for each namespace, issuer, state and reason that occurs',
    roles: ['cluster'],
    sources: ['certificateRequests'],
    since: '0.1.0',
  },
  spiffe_certificate_request_oldest_waiting_timestamp_seconds: {
    help: 'Since when the SVID has been requested that has waited longest for an answer, in seconds since the Unix epoch: when its CertificateRequest, pending or approved, was created, or the first of those that it has replaced while they waited. No series if none waits.',
    type: 'gauge',
    labels: requestLabels,
    stability: 'stable',
    cardinality: 'one for each namespace, issuer, state and reason of requests that wait',
    roles: ['cluster'],
    sources: ['certificateRequests'],
    since: '0.1.0',
    unit: 'seconds',
  },
  spiffe_issuer_last_issued_timestamp_seconds: {
    help: 'When the issuer last issued an SVID, in seconds since the Unix epoch. After a restart, only requests that still exist are considered.',
    type: 'gauge',
    labels: ['trust_domain', 'issuer'],
    stability: 'stable',
    cardinality: 'one for each trust domain and issuer',
    roles: ['cluster'],
    sources: ['certificateRequests'],
    since: '0.1.0',
    unit: 'seconds',
  },
  spiffe_identity_annotation_mismatches_total: {
    help: 'CertificateRequests whose identity annotation has another SPIFFE ID than the certificate or its signing request. All other metrics use the SPIFFE ID of the certificate.',
    type: 'counter',
    labels: totalsShape.identityMismatches.labels,
    stability: 'stable',
    cardinality: 'one for each trust domain and issuer',
    roles: ['cluster'],
    sources: ['certificateRequests'],
    since: '0.1.0',
  },
} as const satisfies Catalogue
