import { issuance, latency } from './parts/issuanceRows.ts'
import { alarmAboveNone, shareThatShouldBeAll, warnAboveNone } from './parts/thresholds.ts'
import type { Dashboard, Row } from './parts/panel.ts'
import { firing, inCluster, inDomain, orZero, workloads } from './parts/promql.ts'
import { expiredSvids, missedRenewals, svidsByNode } from './parts/commonPanels.ts'

const agents = `max by (cluster, node, agent) (spire_agent_up{${inCluster}})`
const svidCounts = `max by (cluster, node, agent) (spire_agent_svid_count{${inCluster}})`
const sources = `min by (cluster, source) (svidwatch_source_up{${inCluster}})`
const withSvids = workloads('cluster', 'state=~"valid|pending|expired"')

const now: Row = {
  title: 'Now',
  panels: [
    {
      kind: 'stat',
      title: 'Firing alerts',
      description:
        'Alerts of the shipped rules that are firing. Critical ones have woken someone, warnings are for working hours. The rules must be loaded.',
      width: 6,
      queries: [
        { legend: 'critical', thresholds: alarmAboveNone, expr: orZero(`count(${firing('critical')})`) },
        { legend: 'warning', thresholds: warnAboveNone, expr: orZero(`count(${firing('warning')})`) },
      ],
    },
    {
      kind: 'stat',
      title: 'Workloads with valid SVIDs',
      description:
        'Of the workloads that ask for an SVID (pods that mount a volume for one, and configured files), the share whose SVIDs are all valid. Workloads that wait for their first SVID, or that have an expired one, lower it.',
      width: 4,
      unit: 'percentunit',
      decimals: 1,
      thresholds: shareThatShouldBeAll,
      runbooks: ['SVIDNotIssued'],
      queries: [{ legend: 'valid', expr: `sum(${workloads('cluster', 'state="valid"')}) / sum(${withSvids})` }],
    },
    missedRenewals,
    expiredSvids,
    {
      kind: 'stat',
      title: 'Agents down',
      description:
        'Nodes that should have an agent and have none that is ready. No SVID is issued or renewed on these nodes.',
      width: 3,
      thresholds: warnAboveNone,
      runbooks: ['SPIREAgentDown'],
      queries: [{ legend: 'down', expr: orZero(`count(${agents} == 0)`) }],
    },
    {
      kind: 'stat',
      title: 'Blind sources',
      description:
        'Sources and nodes that svidwatch cannot see at present. What it saw last stays on these dashboards, with its age. What has happened since is unknown.',
      width: 3,
      thresholds: alarmAboveNone,
      runbooks: ['SvidwatchBlind', 'SvidwatchNodeBlind'],
      queries: [
        {
          legend: 'blind',
          expr: `count(${sources} == 0 or max by (cluster, node) (svidwatch_node_up{${inCluster}}) == 0) or vector(0)`,
        },
      ],
    },
  ],
}

const issuerLabels = 'cluster, trust_domain, issuer'
const caTimeLeft = `max by (${issuerLabels}) (spire_server_ca_cert_expiry_seconds{${inDomain}})`
const caLifetimeLeft = `${caTimeLeft} / (time() + ${caTimeLeft} - max by (${issuerLabels}) (spiffe_ca_not_before_timestamp_seconds{${inDomain}}))`

const foundations: Row = {
  title: 'Issuers and agents',
  panels: [
    {
      kind: 'table',
      title: 'Issuers',
      height: 7,
      description:
        'The twenty issuers whose chain expires first. The earliest expiry in the chain counts: after it, no SVID of the issuer is valid.',
      width: 12,
      columns: { cluster: 'Cluster', trust_domain: 'Trust domain', issuer: 'Issuer' },
      sortBy: 'CA expires in',
      ascending: true,
      runbooks: ['SPIFFECAExpiringSoon'],
      queries: [
        { legend: 'CA expires in', unit: 's', expr: `bottomk(20, ${caTimeLeft})` },
        {
          legend: 'CA lifetime left',
          unit: 'percentunit',
          thresholds: {
            base: 'red',
            from: [
              [0.1, 'yellow'],
              [0.15, 'green'],
            ],
          },
          expr: `${caLifetimeLeft} and on (${issuerLabels}) bottomk(20, ${caTimeLeft})`,
        },
      ],
    },
    {
      kind: 'table',
      title: 'Nodes whose agent is down',
      height: 7,
      description: 'The twenty nodes with the most SVIDs at stake.',
      width: 6,
      columns: { cluster: 'Cluster', node: 'Node', agent: 'Agent' },
      sortBy: 'SVIDs',
      runbooks: ['SPIREAgentDown'],
      queries: [
        {
          legend: 'SVIDs',
          expr: `topk(20, (${svidCounts} and on (cluster, node, agent) (${agents} == 0)) or (${agents} == 0))`,
        },
      ],
    },
    { ...svidsByNode(6), height: 7 },
  ],
}

const alerts: Row = {
  title: 'Alerts and svidwatch',
  panels: [
    {
      kind: 'table',
      title: 'Firing alerts',
      description:
        'The alerts that are firing, and how many of each. The name links to the runbook. The rules must be loaded.',
      width: 8,
      columns: { severity: 'Severity', alertname: 'Alert', cluster: 'Cluster' },
      sortBy: 'Severity',
      ascending: true,
      queries: [
        { legend: 'Firing', expr: `topk(50, sum by (cluster, severity, alertname) (${firing('critical|warning')}))` },
      ],
    },
    {
      kind: 'states',
      title: 'What svidwatch sees',
      description:
        'Whether each source sees the system that it watches. While a source is blind, these dashboards show what it saw last.',
      width: 8,
      states: { 0: ['blind', 'red'], 1: ['sees', 'green'] },
      runbooks: ['SvidwatchBlind'],
      queries: [{ legend: '{{cluster}} {{source}}', expr: `bottomk(20, ${sources})` }],
    },
    {
      kind: 'graph',
      title: 'Memory of svidwatch',
      description: 'Resident memory of the largest process of each role.',
      width: 8,
      unit: 'bytes',
      min: 0,
      queries: [
        {
          legend: '{{cluster}} {{roles}}',
          expr: `max by (cluster, roles) (process_resident_memory_bytes * on (cluster, job, instance) group_left (roles) svidwatch_build_info{${inCluster}})`,
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
  valuesFrom: 'spiffe_svids',
  rows: [now, issuance, latency, foundations, alerts],
}
