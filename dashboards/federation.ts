import { alarmAboveNone, shareThatShouldBeAll, warnAboveNone } from './parts/thresholds.ts'
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

/** How many probes of servers of other trust domains came to these results within a range, by the labels `by`; '' is the sum of all. */
const probed = (results: string, range: string, by = ''): string =>
  `sum${by && ` by (${by})`} (max by (cluster, trust_domain, result) (increase(spiffe_federated_probes_total{result=~"${results}", ${inDomain}}[${range}])))`

/** The share of probes whose SVID verifies, of those for which a bundle was there; no value if there were none. */
const shareVerified = (range: string, by = ''): string =>
  `(${probed('verified', range, by)} / (${probed('verified|refused', range, by)} > 0))`

/** Long enough for a few probes of each server, which come once a minute by default. */
const recently = '10m'

/** How many probes could be judged: without any, nobody knows whether servers are refused. */
const judged = probed('verified|refused', recently)

const noServerInDemo = 'the demo probes no server of another trust domain'

/** The servers that the settings name; pods have no `file`. */
const servers = `copy="served", file!="", ${inDomain}`

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

const acrossDomains: Row = {
  title: 'Servers of other trust domains',
  panels: [
    {
      kind: 'stat',
      title: 'Cross-domain success rate',
      description:
        'The share of probes of servers in other trust domains (servedSvids.targets) whose SVID verifies against the trust bundle that was fetched for it, in the last 10 minutes and within the time range. Healthy is 100 %. Probes for which no bundle was there do not count.',
      width: 6,
      height: 8,
      unit: 'percentunit',
      decimals: 1,
      thresholds: shareThatShouldBeAll,
      noValue: 'no probe was judged, or not known',
      runbooks: ['SVIDRefusedByPeers'],
      queries: [
        { legend: 'now', expr: shareVerified(recently), emptyInDemo: noServerInDemo },
        { legend: 'in the time range', expr: shareVerified('$__range'), emptyInDemo: noServerInDemo },
      ],
    },
    {
      kind: 'table',
      title: 'Refused servers',
      description:
        'Servers of other trust domains whose SVID peers refuse although it has not expired, and why. The fifty for which this has lasted longest. If the trust domain has changed its CA before the bundle with the new one was fetched, this ends with the next fetch.',
      width: 18,
      height: 8,
      columns: { cluster: 'Cluster', trust_domain: 'Trust domain', reason: 'Reason', file: 'Server' },
      sortBy: 'For',
      runbooks: ['SVIDRefusedByPeers'],
      queries: [
        {
          legend: 'For',
          unit: 's',
          decimals: 0,
          width: 80,
          expr: orNote(
            `topk(50, time() - max by (cluster, trust_domain, reason, file) (${problems(['peer_refuses'], servers)}))`,
            'peers refuse no server',
            `(${judged} > 0)`,
          ),
          emptyInDemo: noServerInDemo,
        },
      ],
    },
    {
      kind: 'graph',
      title: 'Cross-domain success rate by trust domain',
      description:
        'The share of probes whose SVID verifies against the fetched trust bundle, over 10 minutes: the ten trust domains with the smallest now. It falls when a trust domain changes its CA before others have fetched the new one.',
      width: 12,
      unit: 'percentunit',
      min: 0,
      max: 1,
      shades: 'blue',
      runbooks: ['SVIDRefusedByPeers'],
      queries: [
        {
          legend: '{{cluster}} {{trust_domain}}',
          expr: smallestAtEnd(10, shareVerified(recently, 'cluster, trust_domain')),
          emptyInDemo: noServerInDemo,
        },
      ],
    },
    {
      kind: 'graph',
      title: 'Probes by result',
      description:
        'Probes of servers in other trust domains within 10 minutes, by whether the SVID verifies. Without a bundle, nothing can be verified: the panels above say why it is not there.',
      width: 12,
      min: 0,
      stacked: true,
      colors: { verified: 'green', refused: 'red', 'no bundle': 'orange' },
      queries: [
        { legend: 'verified', expr: probed('verified', recently) },
        { legend: 'refused', expr: probed('refused', recently) },
        { legend: 'no bundle', expr: probed('no_bundle', recently) },
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
    'Whether the trust bundles of federated trust domains arrive, how old they are, how long they are valid, and whether the servers of these trust domains verify against them.',
  variables: ['federated_domain'],
  marked: {
    critical: markOf('critical', ['bundle_stale', 'bundle_expired'], inDomain),
    warning: markOf('warning', ['bundle_stale', 'bundle_unreachable'], inDomain),
  },
  rows: [now, domains, acrossDomains, history],
}
