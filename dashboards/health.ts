import { issuance, latency } from './parts/issuanceRows.ts'
import { alarmAboveNone, shareThatShouldBeAll, warnAboveNone } from './parts/levels.ts'
import type { Dashboard, Row } from './parts/panel.ts'
import { firing, inCluster, inDomain, orZero, pods } from './parts/promql.ts'
import { expiredSvids, missedRenewals, svidsByNode } from './parts/shared.ts'

const agents = `max by (cluster, node, agent) (spire_agent_up{${inCluster}})`
const held = `max by (cluster, node, agent) (spire_agent_svid_count{${inCluster}})`
const sources = `min by (cluster, source) (svidwatch_source_up{${inCluster}})`
const withSvids = pods('cluster', 'state=~"valid|pending|expired"')

const now: Row = {
  title: 'Now',
  panels: [
    {
      kind: 'stat',
      title: 'Firing alerts',
      description:
        'Alerts of the shipped rules that fire: critical ones have woken someone, warnings are for working hours. It needs the rules to be loaded.',
      width: 6,
      queries: [
        { legend: 'critical', thresholds: alarmAboveNone, expr: orZero(`count(${firing('critical')})`) },
        { legend: 'warning', thresholds: warnAboveNone, expr: orZero(`count(${firing('warning')})`) },
      ],
    },
    {
      kind: 'stat',
      title: 'Pods with valid SVIDs',
      description:
        'Of the pods that mount a volume for an SVID, the share whose SVIDs are all valid. Pods that wait for their first SVID, or have one that has expired, are missing from it.',
      width: 4,
      unit: 'percentunit',
      decimals: 1,
      thresholds: shareThatShouldBeAll,
      runbooks: ['SVIDNotIssued'],
      queries: [{ legend: 'valid', expr: `sum(${pods('cluster', 'state="valid"')}) / sum(${withSvids})` }],
    },
    missedRenewals,
    expiredSvids,
    {
      kind: 'stat',
      title: 'Agents down',
      description: 'Nodes that should have an agent and have none that is ready. Nothing on them is issued or renewed.',
      width: 3,
      thresholds: warnAboveNone,
      runbooks: ['SPIREAgentDown'],
      queries: [{ legend: 'down', expr: orZero(`count(${agents} == 0)`) }],
    },
    {
      kind: 'stat',
      title: 'Blind sources',
      description:
        'What svidwatch cannot see at present. What it saw last stays on these dashboards, with its age; what happened since is unknown.',
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
        'The twenty whose chain expires first. What counts is the earliest expiry in the chain: after it, no SVID of the issuer is valid.',
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
      description: 'The twenty with the most SVIDs at stake.',
      width: 6,
      columns: { cluster: 'Cluster', node: 'Node', agent: 'Agent' },
      sortBy: 'SVIDs',
      runbooks: ['SPIREAgentDown'],
      queries: [
        {
          legend: 'SVIDs',
          expr: `topk(20, (${held} and on (cluster, node, agent) (${agents} == 0)) or (${agents} == 0))`,
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
        'The alerts that fire, with how many of each. The name leads to the runbook. It needs the rules to be loaded.',
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
        'Each source, and whether it sees the system that it watches. While one is blind, what these dashboards show of it is of the past.',
      width: 8,
      states: { 0: ['blind', 'red'], 1: ['sees', 'green'] },
      runbooks: ['SvidwatchBlind'],
      queries: [{ legend: '{{cluster}} {{source}}', expr: `bottomk(20, ${sources})` }],
    },
    {
      kind: 'graph',
      title: 'Memory of svidwatch',
      description: 'By role, the largest process of each.',
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

/** Is anything wrong, and where to look next. */
export const health: Dashboard = {
  name: 'health',
  title: 'SPIRE Health Overview',
  description: 'Whether identities are issued and renewed, what does not work, and whether svidwatch sees it.',
  variables: ['trust_domain', 'namespace'],
  valuesFrom: 'spiffe_svids',
  rows: [now, issuance, latency, foundations, alerts],
}
