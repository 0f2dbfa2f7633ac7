import { warnAboveNone } from './parts/levels.ts'
import type { Dashboard, Row } from './parts/panel.ts'
import { inDomain, orZero } from './parts/promql.ts'

const bundle = (metric: string, where = ''): string => `max by (cluster, trust_domain) (${metric}{${where}${inDomain}})`

const up = bundle('spiffe_bundle_up')
const refreshed = bundle('spire_bundle_refresh_timestamp')

/** How often svidwatch asks: as the bundle hints, between 10 s and an hour, and every five minutes where it does not. */
const interval = `(clamp(${bundle('spiffe_bundle_refresh_hint_seconds')}, 10, 3600) or ${up} * 0 + 300)`
const age = `(time() - ${refreshed})`
const missedFetches = `(${age} / ${interval})`
const timeLeft = `(${bundle('spiffe_bundle_not_after_timestamp_seconds')} - time())`

/** Of what the bundle had left at the last good fetch, the share that is still left. */
const shareLeft = `(${timeLeft} / (${bundle('spiffe_bundle_not_after_timestamp_seconds')} - ${refreshed}))`

/** A value of fifty trust domains: those in trouble first, and of these, the ones without a bundle for the longest time. */
const first = (value: string): string =>
  `${value} and on (cluster, trust_domain) bottomk(50, ${up} - (${age} or ${up} * 0 + 1e9) / 1e10)`

const fetched = (counter: string): string =>
  `60 * sum(max by (cluster, trust_domain, reason) (rate(${counter}{${inDomain}}[$__rate_interval])))`

const endpointStates = { 0: ['in trouble', 'red'], 1: ['up', 'green'] } as const

const staleness = {
  base: 'green',
  from: [
    [2, 'yellow'],
    [3, 'red'],
  ],
} as const

const halfLeft = {
  base: 'red',
  from: [
    [0.5, 'yellow'],
    [0.75, 'green'],
  ],
} as const

const now: Row = {
  title: 'Now',
  panels: [
    {
      kind: 'stat',
      title: 'Trust domains watched',
      description: 'Those whose bundle endpoints svidwatch asks.',
      width: 6,
      queries: [{ legend: 'watched', expr: orZero(`count(${up})`) }],
    },
    {
      kind: 'stat',
      title: 'Endpoints in trouble',
      description:
        'Endpoints whose last answer was no bundle that can be used. The table says since when, and below it is why.',
      width: 6,
      thresholds: warnAboveNone,
      runbooks: ['FederationEndpointUnreachable', 'TrustBundleStale'],
      queries: [{ legend: 'in trouble', expr: orZero(`count(${up} == 0)`) }],
    },
    {
      kind: 'stat',
      title: 'Stale bundles',
      description: 'Trust domains of which three fetches in a row, and ten minutes, have brought no bundle.',
      width: 6,
      thresholds: warnAboveNone,
      runbooks: ['TrustBundleStale'],
      queries: [{ legend: 'stale', expr: orZero(`count(${missedFetches} > 3 and ${age} > 600)`) }],
    },
    {
      kind: 'stat',
      title: 'Older bundles than before',
      description:
        'Answers within the time range with a smaller sequence number than an earlier one; they were refused.',
      width: 6,
      decimals: 0,
      thresholds: warnAboveNone,
      runbooks: ['FederationSequenceRegressed'],
      queries: [
        {
          legend: 'regressed',
          expr: `sum(max by (cluster, trust_domain) (increase(spiffe_bundle_fetch_failures_total{reason="sequence_regressed", ${inDomain}}[$__range])))`,
        },
      ],
    },
  ],
}

const domains: Row = {
  title: 'Trust domains',
  panels: [
    {
      kind: 'table',
      title: 'Trust domains',
      description:
        'Fifty trust domains, those in trouble first. One that never gave a bundle has nothing but a state. The share is that of what the bundle had left when it was fetched; at a half, a trust domain has changed its authorities or is about to. Authorities are counted with expired ones.',
      width: 24,
      height: 8,
      columns: { cluster: 'Cluster', trust_domain: 'Trust domain' },
      sortBy: 'State',
      ascending: true,
      runbooks: ['TrustBundleStale', 'FederationEndpointUnreachable'],
      queries: [
        { legend: 'State', states: endpointStates, expr: first(up) },
        { legend: 'Fetched, ago', unit: 's', expr: first(age) },
        { legend: 'In fetch intervals', thresholds: staleness, expr: first(missedFetches) },
        { legend: 'Valid for', unit: 's', expr: first(timeLeft) },
        { legend: 'Share left since then', unit: 'percentunit', thresholds: halfLeft, expr: first(shareLeft) },
        { legend: 'Sequence', unit: 'none', expr: first(bundle('spiffe_bundle_sequence')) },
        { legend: 'X.509 authorities', expr: first(bundle('spiffe_bundle_authorities', 'use="x509-svid", ')) },
        { legend: 'JWT authorities', expr: first(bundle('spiffe_bundle_authorities', 'use="jwt-svid", ')) },
      ],
    },
  ],
}

const history: Row = {
  title: 'History',
  panels: [
    {
      kind: 'states',
      title: 'Endpoints',
      description: 'Whether the last attempt gave a bundle that can be used; twenty at most, those in trouble first.',
      width: 12,
      states: endpointStates,
      runbooks: ['FederationEndpointUnreachable'],
      queries: [{ legend: '{{cluster}} {{trust_domain}}', expr: `bottomk(20, ${up})` }],
    },
    {
      kind: 'graph',
      title: 'Age of the bundle, in fetch intervals',
      description:
        'How long ago the bundle was last fetched, in the intervals at which it is asked for; the ten oldest. A healthy one stays around 1.',
      width: 12,
      min: 0,
      thresholds: staleness,
      runbooks: ['TrustBundleStale'],
      queries: [{ legend: '{{cluster}} {{trust_domain}}', expr: `topk(10, ${missedFetches})` }],
    },
    {
      kind: 'graph',
      title: 'Fetches',
      description: 'Attempts to fetch a bundle, per minute, by whether they gave one.',
      width: 12,
      unit: 'cpm',
      min: 0,
      colors: { good: 'green', failed: 'red' },
      queries: [
        { legend: 'good', expr: fetched('spiffe_bundle_fetches_total') },
        { legend: 'failed', expr: fetched('spiffe_bundle_fetch_failures_total') },
      ],
    },
    {
      kind: 'table',
      title: 'Why endpoints are in trouble',
      description:
        'How often fetches from endpoints in trouble have failed since svidwatch started, by reason code (docs/metrics.md); the fifty most frequent.',
      width: 12,
      columns: { cluster: 'Cluster', trust_domain: 'Trust domain', reason: 'Reason' },
      sortBy: 'Failures',
      runbooks: ['FederationEndpointUnreachable', 'TrustBundleStale'],
      queries: [
        {
          legend: 'Failures',
          expr: `topk(50, max by (cluster, trust_domain, reason) (spiffe_bundle_fetch_failures_total{${inDomain}}) > 0 and on (cluster, trust_domain) ${up} == 0)`,
        },
      ],
    },
  ],
}

/** The trust bundles of other trust domains. */
export const federation: Dashboard = {
  name: 'federation',
  title: 'Federation Status',
  description:
    'Whether the trust bundles of federated trust domains arrive, how old they are, and for how long they are good.',
  variables: ['trust_domain'],
  valuesFrom: 'spiffe_bundle_up',
  rows: [now, domains, history],
}
