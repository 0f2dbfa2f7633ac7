import type { Row } from './panel.ts'
import { counterGain, quantile, refused, requestsNow, successRatio } from './promql.ts'
import { requestsForSvids } from './commonPanels.ts'

/** Requests and their outcomes. */
export const issuance: Row = {
  title: 'Issuance',
  panels: [
    requestsForSvids,
    {
      kind: 'graph',
      title: 'Share of requests refused',
      description:
        'Denied and failed requests, as a share of all that ended within 15 minutes. Above 10 %, the cause is more than one workload that asks for what it may not have.',
      width: 8,
      unit: 'percentunit',
      min: 0,
      thresholds: { base: 'green', from: [[0.1, 'red']] },
      runbooks: ['SPIREAttestationFailureSpike'],
      queries: [
        {
          legend: '{{cluster}} {{issuer}}',
          expr: `topk(10, 1 - ${successRatio('15m', 'cluster, issuer')})`,
        },
      ],
    },
    {
      kind: 'bars',
      title: 'Why requests were refused',
      decimals: 0,
      description:
        'Denied and failed requests within the time range, by reason code (docs/metrics.md explains the codes).',
      width: 8,
      runbooks: ['SPIREAttestationFailureSpike'],
      queries: [
        { legend: '{{reason}}', expr: `topk(10, ${counterGain('increase', refused, '$__range', 'reason')} >= 1)` },
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
        'The median and the 99th percentile. This time is taken from the safe time of every renewal. Above 30 s, a 5-minute SVID loses a third of its safe time.',
      width: 8,
      unit: 's',
      min: 0,
      thresholds: { base: 'green', from: [[30, 'red']] },
      runbooks: ['SVIDIssuanceSlow'],
      queries: [
        { legend: 'p50', expr: quantile(0.5, 'spire_server_svid_renewal_duration_seconds') },
        { legend: 'p99', expr: quantile(0.99, 'spire_server_svid_renewal_duration_seconds') },
      ],
    },
    {
      kind: 'graph',
      title: 'Where the time goes',
      description:
        'The 99th percentile of both steps: the approver decides, then the issuer signs. Kubernetes gives times in whole seconds, so a step can seem to take a second.',
      width: 8,
      unit: 's',
      min: 0,
      runbooks: ['SVIDIssuanceSlow'],
      queries: [
        { legend: 'approval', expr: quantile(0.99, 'spiffe_certificate_request_approval_duration_seconds') },
        { legend: 'signing', expr: quantile(0.99, 'spiffe_certificate_request_signing_duration_seconds') },
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
      stacked: true,
      runbooks: ['SVIDIssuanceStuck', 'SVIDIssuanceDown'],
      queries: [{ legend: '{{reason}}', expr: `topk(10, ${requestsNow('reason', 'state=~"pending|approved"')})` }],
    },
  ],
}
