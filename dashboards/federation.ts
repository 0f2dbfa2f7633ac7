import { warnAboveNone } from './parts/thresholds.ts'
import type { Dashboard, Row } from './parts/panel.ts'
import { inDomain, orZero } from './parts/promql.ts'

const bundle = (metric: string, where = ''): string => `max by (cluster, trust_domain) (${metric}{${where}${inDomain}})`

const up = bundle('spiffe_bundle_up')
const refreshed = bundle('spire_bundle_refresh_timestamp')

/** The interval of fetches: as the bundle hints, between 10 s and an hour, and five minutes without a hint. */
const fetchInterval = `(clamp(${bundle('spiffe_bundle_refresh_hint_seconds')}, 10, 3600) or ${up} * 0 + 300)`
const age = `(time() - ${refreshed})`
const ageInIntervals = `(${age} / ${fetchInterval})`
const timeLeft = `(${bundle('spiffe_bundle_not_after_timestamp_seconds')} - time())`

/** The share that is still left of the validity that the bundle had left at the last good fetch. */
const shareLeft = `(${timeLeft} / (${bundle('spiffe_bundle_not_after_timestamp_seconds')} - ${refreshed}))`

/** The value for fifty trust domains: those in trouble first, and among them those that were not fetched for the longest time. */
const firstFifty = (value: string): string =>
  `${value} and on (cluster, trust_domain) bottomk(50, ${up} - (${age} or ${up} * 0 + 1e9) / 1e10)`

const perMinute = (counter: string): string =>
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
      description: 'Trust domains whose bundle endpoints svidwatch watches.',
      width: 6,
      queries: [{ legend: 'watched', expr: orZero(`count(${up})`) }],
    },
    {
      kind: 'stat',
      title: 'Endpoints in trouble',
      description:
        'Endpoints whose last attempt gave no bundle that can be used. The table shows since when, and the one below it shows why.',
      width: 6,
      thresholds: warnAboveNone,
      runbooks: ['FederationEndpointUnreachable', 'TrustBundleStale'],
      queries: [{ legend: 'in trouble', expr: orZero(`count(${up} == 0)`) }],
    },
    {
      kind: 'stat',
      title: 'Stale bundles',
      description: 'Trust domains whose bundle was not fetched for three intervals in a row and for ten minutes.',
      width: 6,
      thresholds: warnAboveNone,
      runbooks: ['TrustBundleStale'],
      queries: [{ legend: 'stale', expr: orZero(`count(${ageInIntervals} > 3 and ${age} > 600)`) }],
    },
    {
      kind: 'stat',
      title: 'Sequence regressions',
      description:
        'Bundles within the time range with a smaller sequence number than an earlier bundle. They were refused.',
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
        'Fifty trust domains, those in trouble first. A trust domain whose bundle was never fetched has only a state. "Share left since then" is the share that is left of the validity that the bundle had when it was fetched; at a half, a trust domain has changed its authorities or is about to. Authorities include expired ones.',
      width: 24,
      height: 8,
      columns: { cluster: 'Cluster', trust_domain: 'Trust domain' },
      sortBy: 'State',
      ascending: true,
      runbooks: ['TrustBundleStale', 'FederationEndpointUnreachable'],
      queries: [
        { legend: 'State', states: endpointStates, expr: firstFifty(up) },
        { legend: 'Fetched, ago', unit: 's', expr: firstFifty(age) },
        { legend: 'In fetch intervals', thresholds: staleness, expr: firstFifty(ageInIntervals) },
        { legend: 'Valid for', unit: 's', expr: firstFifty(timeLeft) },
        { legend: 'Share left since then', unit: 'percentunit', thresholds: halfLeft, expr: firstFifty(shareLeft) },
        { legend: 'Sequence', unit: 'none', expr: firstFifty(bundle('spiffe_bundle_sequence')) },
        { legend: 'X.509 authorities', expr: firstFifty(bundle('spiffe_bundle_authorities', 'use="x509-svid", ')) },
        { legend: 'JWT authorities', expr: firstFifty(bundle('spiffe_bundle_authorities', 'use="jwt-svid", ')) },
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
      description:
        'Whether the last attempt gave a bundle that can be used: twenty endpoints at most, those in trouble first.',
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
      queries: [{ legend: '{{cluster}} {{trust_domain}}', expr: `topk(10, ${ageInIntervals})` }],
    },
    {
      kind: 'graph',
      title: 'Fetches',
      description: 'Attempts to fetch a bundle, per minute, by outcome.',
      width: 12,
      unit: 'cpm',
      min: 0,
      colors: { good: 'green', failed: 'red' },
      queries: [
        { legend: 'good', expr: perMinute('spiffe_bundle_fetches_total') },
        { legend: 'failed', expr: perMinute('spiffe_bundle_fetch_failures_total') },
      ],
    },
    {
      kind: 'table',
      title: 'Why endpoints are in trouble',
      description:
        'How often fetches from endpoints that are in trouble have failed since svidwatch started, by reason code (docs/metrics.md): the fifty most frequent.',
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

/** Shows the trust bundles of other trust domains. */
export const federation: Dashboard = {
  name: 'federation',
  title: 'Federation Status',
  description:
    'Whether the trust bundles of federated trust domains arrive, how old they are, and how long they are valid.',
  variables: ['trust_domain'],
  valuesFrom: 'spiffe_bundle_up',
  rows: [now, domains, history],
}
