import { issuance, latency } from './parts/issuanceRows.ts'
import { issuersDown, missedRenewals, svidsByNode, validWorkloads } from './parts/commonPanels.ts'
import { markOf, marksOfSvids } from './parts/marks.ts'
import { alarmAboveNone, warnAboveNone } from './parts/thresholds.ts'
import type { Dashboard, Row } from './parts/panel.ts'
import {
  countOf,
  firing,
  inCluster,
  inDomain,
  inDomainAndNamespace,
  judges,
  orNote,
  orZero,
  problems,
  requestsNow,
  rulesLoaded,
  sees,
  smallestAtEnd,
} from './parts/promql.ts'

const agentsDown = problems(['agent_down'], inCluster)
const svidCounts = `max by (cluster, node, agent) (spire_agent_svid_count{${inCluster}})`
const exporters = `svidwatch_build_info{roles=~".*cluster.*|standalone", ${inCluster}}`

/** The clusters that had a svidwatch within the last day and have none now. */
const lost = `(group by (cluster) (last_over_time(${exporters}[1d])) unless on (cluster) ${exporters})`

const now: Row = {
  title: 'Now',
  panels: [
    issuersDown(4),
    missedRenewals(inDomainAndNamespace, 4),
    validWorkloads(4),
    {
      kind: 'stat',
      title: 'Agents down',
      description:
        'Nodes that should have an agent and have none that is ready. No SVID is issued or renewed on these nodes.',
      width: 4,
      thresholds: warnAboveNone,
      runbooks: ['SPIREAgentDown'],
      queries: [{ legend: 'down', expr: orZero(countOf(agentsDown, 'cluster, node, agent'), sees('pods')) }],
    },
    {
      kind: 'stat',
      title: 'Blind',
      description:
        'Sources and nodes that svidwatch cannot see at present, and clusters whose svidwatch is gone. What it saw last stays on these dashboards. What has happened since is unknown.',
      width: 4,
      runbooks: ['SvidwatchBlind', 'SvidwatchNodeBlind', 'SvidwatchDown'],
      queries: [
        {
          legend: 'sources',
          thresholds: alarmAboveNone,
          expr: orZero(`count(max by (cluster, source) (${problems(['source_blind'], inCluster)}) or ${lost})`, judges),
        },
        {
          legend: 'nodes',
          thresholds: warnAboveNone,
          expr: orZero(countOf(problems(['node_blind'], inCluster), 'cluster, node'), judges),
        },
      ],
    },
    {
      kind: 'stat',
      title: 'Firing alerts',
      description:
        'Alerts of the shipped rules that are firing. Critical ones have woken someone, warnings are for working hours. It is not known unless the rules are loaded.',
      width: 4,
      queries: [
        {
          legend: 'critical',
          thresholds: alarmAboveNone,
          expr: orZero(`count(${firing('critical')})`, rulesLoaded),
        },
        { legend: 'warning', thresholds: warnAboveNone, expr: orZero(`count(${firing('warning')})`, rulesLoaded) },
      ],
    },
  ],
}

const byIssuer = 'cluster, issuer'
const lastIssued = `max by (${byIssuer}) (spiffe_issuer_last_issued_timestamp_seconds{${inDomain}})`
const waitingSince = `min by (${byIssuer}) (spiffe_certificate_request_oldest_waiting_timestamp_seconds{${inCluster}})`
const ofIssuers = (code: 'issuer_down' | 'issuer_slow'): string =>
  `group by (${byIssuer}) (${problems([code], inCluster)})`

/** The states of issuers, the worst one first. */
const issuerStates = {
  0: ['down', 'red'],
  1: ['slow', 'yellow'],
  2: ['issued none yet', 'yellow'],
  3: ['not seen', 'yellow'],
  4: ['no problem', 'green'],
} as const

const issuerState = [
  `0 * ${ofIssuers('issuer_down')}`,
  ofIssuers('issuer_slow'),
  `4 + 0 * ${lastIssued} and on (cluster) ${sees('certificateRequests')}`,
  `3 + 0 * ${lastIssued}`,
  `2 * group by (${byIssuer}) (spiffe_certificate_requests{${inCluster}})`,
].join(' or ')

/** The value for twenty issuers, those in trouble first. */
const ofWorst = (value: string): string => `${value} and on (${byIssuer}) bottomk(20, ${issuerState})`

const trouble: Row = {
  title: 'What fires, and which issuers issue',
  panels: [
    {
      kind: 'table',
      title: 'Firing alerts',
      description: 'The alerts that are firing, and how many of each. The name links to the runbook.',
      width: 10,
      height: 8,
      noValue: 'not known: the rules of svidwatch are not loaded',
      columns: { severity: 'Severity', cluster: 'Cluster', alertname: 'Alert' },
      sortBy: 'Severity',
      ascending: true,
      queries: [
        {
          legend: 'Firing',
          width: 70,
          expr: orNote(
            `topk(50, sum by (cluster, severity, alertname) (${firing('critical|warning')}))`,
            'nothing fires',
            rulesLoaded,
          ),
        },
      ],
    },
    {
      kind: 'table',
      title: 'Issuers',
      description:
        'Twenty issuers, those in trouble first. An issuer is down if it issues nothing while workloads have missed their renewal: svidwatch decides that. A request that waits for long while its issuer issues others has a cause of its own.',
      width: 14,
      height: 8,
      columns: { cluster: 'Cluster', issuer: 'Issuer' },
      sortBy: 'State',
      ascending: true,
      runbooks: ['SVIDIssuanceDown', 'SVIDIssuanceSlow', 'SVIDIssuanceStuck'],
      queries: [
        { legend: 'State', width: 120, states: issuerStates, expr: `bottomk(20, ${issuerState})` },
        { legend: 'Issued, ago', unit: 's', decimals: 0, expr: ofWorst(`time() - ${lastIssued}`) },
        { legend: 'Waiting', width: 75, expr: ofWorst(requestsNow(byIssuer, 'state=~"pending|approved"', inCluster)) },
        { legend: 'Longest for', unit: 's', decimals: 0, expr: ofWorst(`time() - ${waitingSince}`) },
      ],
    },
  ],
}

const where: Row = {
  title: 'Agents, and what svidwatch sees',
  panels: [
    {
      kind: 'table',
      title: 'Nodes whose agent is down',
      height: 8,
      description: 'The twenty nodes with the most SVIDs at stake.',
      width: 12,
      columns: { cluster: 'Cluster', node: 'Node', agent: 'Agent' },
      sortBy: 'SVIDs',
      runbooks: ['SPIREAgentDown'],
      queries: [
        {
          legend: 'SVIDs',
          expr: orNote(
            `topk(20, (${svidCounts} and on (cluster, node, agent) ${agentsDown}) or 0 * max by (cluster, node, agent) (${agentsDown}))`,
            'every agent is ready',
            sees('pods'),
          ),
        },
      ],
    },
    {
      kind: 'states',
      title: 'What svidwatch sees',
      height: 8,
      description:
        'Whether each source sees the system that it watches. While a source is blind, these dashboards show what it saw last. A source waits if its CRD was never installed.',
      width: 12,
      states: { 0: ['blind', 'red'], 1: ['sees', 'green'], 2: ['waits for its CRD', 'blue'] },
      runbooks: ['SvidwatchBlind'],
      queries: [
        {
          legend: '{{cluster}} {{source}}',
          expr: smallestAtEnd(
            20,
            `min by (cluster, source) (svidwatch_source_up{${inCluster}} or 2 * (svidwatch_source_absent{${inCluster}} == 1))`,
          ),
        },
      ],
    },
  ],
}

const byAuthority = 'cluster, trust_domain, issuer'
const caTimeLeft = `min by (${byAuthority}) (spire_server_ca_cert_expiry_seconds{${inDomain}})`
const caLifetimeLeft = `${caTimeLeft} / (time() + ${caTimeLeft} - max by (${byAuthority}) (spiffe_ca_not_before_timestamp_seconds{${inDomain}}))`

const foundations: Row = {
  title: 'Authorities and svidwatch',
  panels: [
    {
      kind: 'table',
      title: 'CAs of the issuers',
      description:
        'The twenty issuers whose chain expires first. The earliest expiry in the chain counts: after it, no SVID of the issuer is valid.',
      width: 12,
      columns: { cluster: 'Cluster', issuer: 'Issuer', trust_domain: 'Trust domain' },
      sortBy: 'Expires in',
      ascending: true,
      runbooks: ['SPIFFECAExpiringSoon'],
      queries: [
        { legend: 'Expires in', unit: 's', expr: `bottomk(20, ${caTimeLeft})` },
        {
          legend: 'Lifetime left',
          unit: 'percentunit',
          thresholds: {
            base: 'red',
            from: [
              [0.1, 'yellow'],
              [0.15, 'green'],
            ],
          },
          expr: `${caLifetimeLeft} and on (${byAuthority}) bottomk(20, ${caTimeLeft})`,
        },
      ],
    },
    svidsByNode(6),
    {
      kind: 'graph',
      title: 'Memory of svidwatch',
      description: 'Resident memory of the largest process of each role.',
      width: 6,
      unit: 'bytes',
      min: 0,
      queries: [
        {
          legend: '{{cluster}} {{roles}}',
          expr: `max by (cluster, roles) (process_resident_memory_bytes{${inCluster}} * on (cluster, job, instance) group_left (roles) svidwatch_build_info{${inCluster}})`,
        },
      ],
    },
  ],
}

/** Shows whether anything is wrong, and where to look next. */
export const health: Dashboard = {
  name: 'health',
  title: 'SPIRE Health Overview',
  description: 'Whether SVIDs are issued and renewed, what does not work, and what svidwatch can see.',
  variables: ['trust_domain', 'namespace'],
  marked: {
    critical: `${marksOfSvids.critical} or ${markOf('critical', ['bundle_stale', 'bundle_expired'])}`,
    warning: marksOfSvids.warning,
  },
  rows: [now, trouble, where, issuance, latency, foundations],
}
