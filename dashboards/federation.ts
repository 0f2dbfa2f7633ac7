import { alarmAboveNone, warnAboveNone } from './parts/thresholds.ts'
import { markOf } from './parts/marks.ts'
import type { Dashboard, Row } from './parts/panel.ts'
import { countOf, greatestAtEnd, inCluster, orNote, orZero, problems, sees, smallestAtEnd } from './parts/promql.ts'

/** The trust domains of others have a variable of their own: elsewhere, `trust_domain` is the one of the SVIDs. */
const inDomain = `${inCluster}, trust_domain=~"$federated_domain"`

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

const ofDomains = (codes: Parameters<typeof problems>[0]): string =>
  orZero(countOf(problems(codes, inDomain), 'cluster, trust_domain'), sees('bundleEndpoints'))

/** The value for fifty trust domains: those in trouble first, and among them those that were not fetched for the longest time. */
const firstFifty = (value: string): string =>
  `${value} and on (cluster, trust_domain) bottomk(50, ${up} - (${age} or ${up} * 0 + 1e9) / 1e10)`

const perMinute = (counter: string): string =>
  `60 * sum(max by (cluster, trust_domain, reason) (rate(${counter}{${inDomain}}[$__rate_interval])))`

const endpointStates = { 0: ['failed', 'red'], 1: ['up', 'green'] } as const

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
      width: 4,
      noValue: 'none is watched, or not known',
      queries: [{ legend: 'watched', expr: `count(${up})` }],
    },
    {
      kind: 'stat',
      title: 'Stale bundles',
      description:
        'Trust domains whose bundle has not been refreshed for too long, and those among them whose X.509 authorities have all expired.',
      width: 6,
      runbooks: ['TrustBundleStale', 'TrustBundleExpired'],
      queries: [
        { legend: 'stale', thresholds: warnAboveNone, expr: ofDomains(['bundle_stale', 'bundle_expired']) },
        { legend: 'of which expired', thresholds: alarmAboveNone, expr: ofDomains(['bundle_expired']) },
      ],
    },
    {
      kind: 'stat',
      title: 'Never fetched',
      description: 'Trust domains whose bundle has never been fetched.',
      width: 4,
      thresholds: warnAboveNone,
      runbooks: ['FederationEndpointUnreachable'],
      queries: [{ legend: 'never fetched', expr: ofDomains(['bundle_unreachable']) }],
    },
    {
      kind: 'stat',
      title: 'Last fetch failed',
      description:
        'Endpoints whose last attempt gave no bundle that can be used. The table shows since when, and the one below it shows why.',
      width: 5,
      thresholds: warnAboveNone,
      runbooks: ['FederationEndpointUnreachable', 'TrustBundleStale'],
      queries: [{ legend: 'failed', expr: orZero(`count(${up} == 0)`, up) }],
    },
    {
      kind: 'stat',
      title: 'Sequence regressions',
      description:
        'Bundles within the time range with a smaller sequence number than an earlier bundle. They were refused.',
      width: 5,
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
  title: 'State of the bundles',
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
        {
          legend: 'In fetch intervals',
          width: 130,
          decimals: 1,
          thresholds: staleness,
          expr: firstFifty(ageInIntervals),
        },
        { legend: 'Valid for', unit: 's', expr: firstFifty(timeLeft) },
        {
          legend: 'Share left since then',
          width: 155,
          unit: 'percentunit',
          thresholds: halfLeft,
          expr: firstFifty(shareLeft),
        },
        { legend: 'Sequence', unit: 'none', expr: firstFifty(bundle('spiffe_bundle_sequence')) },
        {
          legend: 'X.509 authorities',
          width: 130,
          expr: firstFifty(bundle('spiffe_bundle_authorities', 'use="x509-svid", ')),
        },
        {
          legend: 'JWT authorities',
          width: 120,
          expr: firstFifty(bundle('spiffe_bundle_authorities', 'use="jwt-svid", ')),
        },
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
        'Whether the last attempt gave a bundle that can be used: twenty endpoints at most, those that fail now first.',
      width: 12,
      states: endpointStates,
      runbooks: ['FederationEndpointUnreachable'],
      queries: [{ legend: '{{cluster}} {{trust_domain}}', expr: smallestAtEnd(20, up) }],
    },
    {
      kind: 'graph',
      title: 'Age of the bundle, in fetch intervals',
      description:
        'How long ago the bundle was last fetched, in the intervals at which it is asked for; the ten that are oldest now. A healthy one stays around 1.',
      width: 12,
      min: 0,
      shades: 'orange',
      thresholds: staleness,
      runbooks: ['TrustBundleStale'],
      queries: [{ legend: '{{cluster}} {{trust_domain}}', expr: greatestAtEnd(10, ageInIntervals) }],
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
          expr: orNote(
            `topk(50, max by (cluster, trust_domain, reason) (spiffe_bundle_fetch_failures_total{${inDomain}}) > 0 and on (cluster, trust_domain) ${up} == 0)`,
            'every endpoint serves bundles',
            up,
          ),
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
  variables: ['federated_domain'],
  marked: {
    critical: markOf('critical', ['bundle_stale', 'bundle_expired'], inDomain),
    warning: markOf('warning', ['bundle_stale', 'bundle_unreachable'], inDomain),
  },
  rows: [now, domains, history],
}
