import type { Row } from './panel.ts'
import { gained, quantile, refused, requests, successRatio } from './promql.ts'
import { requestsForSvids } from './shared.ts'

/** What is asked of issuers, and what becomes of it. */
export const issuance: Row = {
  title: 'Issuance',
  panels: [
    requestsForSvids,
    {
      kind: 'graph',
      title: 'Share of requests that are refused',
      description:
        'Denied and failed requests, as a share of all that have ended within 15 minutes. Above 10 % it is no longer one workload that asks for what it may not have.',
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
        'Denied and failed requests within the time range, by reason code (docs/metrics.md has their meaning).',
      width: 8,
      runbooks: ['SPIREAttestationFailureSpike'],
      queries: [{ legend: '{{reason}}', expr: `topk(10, ${gained('increase', refused, '$__range', 'reason')} >= 1)` }],
    },
  ],
}

/** How long that takes. */
export const latency: Row = {
  title: 'How long it takes',
  panels: [
    {
      kind: 'graph',
      title: 'Time from request to SVID',
      description:
        'The median and the slowest hundredth. What it takes is taken from the safe time of every renewal; above 30 s an SVID of five minutes loses a third of it.',
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
        'The slowest hundredth of both steps: the approver decides, then the issuer signs. Kubernetes gives times in whole seconds, so that a step can seem to take one.',
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
      title: 'Requests that wait',
      description:
        'Requests that are not decided or not signed yet, by what they wait for. Those of a healthy issuer wait for a second or two.',
      width: 8,
      decimals: 0,
      min: 0,
      stacked: true,
      runbooks: ['SVIDIssuanceStuck', 'SVIDIssuanceDown'],
      queries: [{ legend: '{{reason}}', expr: `topk(10, ${requests('reason', 'state=~"pending|approved"')})` }],
    },
  ],
}
