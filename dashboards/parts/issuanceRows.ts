import type { Row } from './panel.ts'
import { counterGain, greatestAtEnd, orNote, quantile, refused, sees, successRatio } from './promql.ts'
import { requestsForSvids, waitingRequests } from './commonPanels.ts'

/** Requests and their outcomes. */
export const issuance: Row = {
  title: 'Requests',
  panels: [
    requestsForSvids,
    {
      kind: 'graph',
      title: 'Share of requests refused',
      description:
        'Denied and failed requests, as a share of all that were answered within 15 minutes: the ten issuers that have the greatest share now. Above 10 %, the cause is more than one workload that asks for what it may not have. Requests that wait are not part of it.',
      width: 8,
      unit: 'percentunit',
      min: 0,
      softMax: 0.2,
      shades: 'orange',
      thresholds: { base: 'text', from: [[0.1, 'red']] },
      runbooks: ['SPIREAttestationFailureSpike'],
      queries: [
        { legend: '{{cluster}} {{issuer}}', expr: greatestAtEnd(10, `1 - ${successRatio('15m', 'cluster, issuer')}`) },
      ],
    },
    {
      kind: 'table',
      title: 'Why requests were refused',
      description:
        'Denied and failed requests within the time range, by reason code (docs/metrics.md explains the codes): the ten most frequent.',
      width: 8,
      columns: { reason: 'Reason' },
      sortBy: 'Requests',
      runbooks: ['SPIREAttestationFailureSpike'],
      queries: [
        {
          legend: 'Requests',
          decimals: 0,
          expr: orNote(
            `topk(10, ${counterGain('increase', refused, '$__range', 'reason')} >= 1)`,
            'no request was refused',
            sees('certificateRequests'),
          ),
        },
      ],
    },
  ],
}

/** How long issuance takes. */
export const latency: Row = {
  title: 'Issuance latency',
  panels: [
    {
      kind: 'graph',
      title: 'Time from request to SVID',
      description:
        'The median and the 99th percentile; 1 s is 1 s or less. This time is taken from the safe time of every renewal. Above 30 s, a 5-minute SVID loses a third of its safe time.',
      width: 8,
      unit: 's',
      min: 0,
      softMax: 2,
      colors: { p50: 'blue', p99: 'purple' },
      thresholds: { base: 'text', from: [[30, 'red']] },
      runbooks: ['SVIDIssuanceSlow'],
      queries: [
        { legend: 'p50', expr: quantile(0.5, 'spire_server_svid_renewal_duration_seconds') },
        { legend: 'p99', expr: quantile(0.99, 'spire_server_svid_renewal_duration_seconds'), exemplars: true },
      ],
    },
    {
      kind: 'graph',
      title: 'Where the time goes',
      description:
        'The 99th percentile of both steps: the approver decides, then the issuer signs. 1 s is 1 s or less, because Kubernetes gives times in whole seconds.',
      width: 8,
      unit: 's',
      min: 0,
      softMax: 2,
      colors: { approval: 'blue', signing: 'purple' },
      runbooks: ['SVIDIssuanceSlow'],
      queries: [
        {
          legend: 'approval',
          expr: quantile(0.99, 'spiffe_certificate_request_approval_duration_seconds'),
          exemplars: true,
        },
        {
          legend: 'signing',
          expr: quantile(0.99, 'spiffe_certificate_request_signing_duration_seconds'),
          exemplars: true,
        },
      ],
    },
    {
      kind: 'graph',
      title: 'Waiting requests',
      description:
        'Requests that are not yet decided or not yet signed, by what they wait for. With a healthy issuer, requests wait for a second or two.',
      width: 8,
      decimals: 0,
      min: 0,
      shades: 'orange',
      colors: { all: 'text' },
      runbooks: ['SVIDIssuanceStuck', 'SVIDIssuanceDown'],
      queries: waitingRequests('reason'),
    },
  ],
}
