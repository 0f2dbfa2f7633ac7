import { place, workload } from '../alerts/labels.ts'
import { alarmAboveNone, warnAboveNone } from './parts/levels.ts'
import type { Bars, Dashboard, Row } from './parts/panel.ts'
import { firing, inBoth, inCluster, inDomain, inNamespace, orZero, requests } from './parts/promql.ts'
import { lateRenewals } from './parts/shared.ts'

/** Workloads that page: recorded by the shipped rules, with the seconds until the SVID expires. */
const paging = `max by (${workload}) (spiffe:svid_renewal_missed:expiry_seconds{${inBoth}})`
const stale = `max by (${workload}, cause) (spiffe_svid_drift{${inBoth}})`
const staleUntil = `max by (${workload}) (spiffe_svid_not_after_timestamp_seconds{copy="mounted", ${inBoth}} and on (${place}) spiffe_svid_drift)`
const unreadable = `max by (${workload}, reason) (spiffe_svid_unreadable{${inBoth}})`

const placeColumns = { cluster: 'Cluster', namespace: 'Namespace', pod: 'Pod', volume: 'Volume', node: 'Node' }

const workloadColumns = {
  ...placeColumns,
  file: 'File',
  issuer: 'Issuer',
  spiffe_id: 'SPIFFE ID',
}

const now: Row = {
  title: 'Now',
  panels: [
    {
      kind: 'stat',
      title: 'Workloads that page',
      description:
        'Workloads whose renewal was missed: those of SVIDExpiringSoon. This panel and all panels of "Blast radius" need the rules to be loaded.',
      width: 6,
      thresholds: alarmAboveNone,
      runbooks: ['SVIDExpiringSoon', 'SVIDIssuanceDown'],
      queries: [{ legend: 'paging', expr: orZero(`count(${paging})`) }],
    },
    {
      kind: 'stat',
      title: 'Stale mounts',
      description:
        'Workloads whose mounted SVID is older than the newest one issued for them. Only a new pod gets a working mount.',
      width: 6,
      thresholds: warnAboveNone,
      runbooks: ['SVIDMountStale'],
      queries: [{ legend: 'stale', expr: orZero(`count(${stale})`) }],
    },
    {
      kind: 'stat',
      title: 'Unreadable files',
      description: 'Certificate files that cannot be read at present. What was read last is shown, with its age.',
      width: 6,
      thresholds: warnAboveNone,
      runbooks: ['SVIDUnreadable'],
      queries: [{ legend: 'unreadable', expr: orZero(`count(${unreadable})`) }],
    },
    {
      kind: 'stat',
      title: 'Issuers that are down',
      description:
        'Issuers that issue nothing while workloads have missed their renewal. No restart heals that: a new pod would not start.',
      width: 6,
      thresholds: alarmAboveNone,
      runbooks: ['SVIDIssuanceDown'],
      queries: [
        {
          legend: 'down',
          expr: orZero(`count(${firing('critical', 'SVIDIssuanceDown')})`),
        },
      ],
    },
  ],
}

const radius = (by: string, title: string, description: string): Bars => ({
  kind: 'bars',
  title,
  description,
  width: 8,
  height: 6,
  decimals: 0,
  runbooks: ['SVIDExpiringSoon'],
  queries: [{ legend: `{{cluster}} {{${by}}}`, expr: `topk(10, count by (cluster, ${by}) (${paging}))` }],
})

const blastRadius: Row = {
  title: 'Blast radius',
  panels: [
    radius(
      'issuer',
      'Missed renewals by issuer',
      'All workloads of one issuer: the issuer, or the approver of its requests, is in trouble.',
    ),
    radius('node', 'Missed renewals by node', 'All workloads of one node: its agent is down or hangs.'),
    radius(
      'namespace',
      'Missed renewals by namespace',
      'All workloads of one namespace: requests are refused there, or its pods share a fault.',
    ),
  ],
}

const waitingSince = `min by (cluster, issuer) (spiffe_certificate_request_oldest_waiting_timestamp_seconds{${inNamespace}})`
const lastIssued = `max by (cluster, issuer) (spiffe_issuer_last_issued_timestamp_seconds{${inDomain}})`

/** A value of twenty issuers: those whose requests wait for the longest time first. */
const first = (value: string): string =>
  `${value} and on (cluster, issuer) topk(20, time() - ${waitingSince} or 0 * ${lastIssued})`

const issuers: Row = {
  title: 'Issuers',
  panels: [
    {
      kind: 'table',
      title: 'Are they proven to issue?',
      description:
        'Twenty issuers, those whose requests wait for the longest time first. One that has issued since its oldest waiting request was made works, and what waits has a cause of its own; the others are down, and nothing heals by a restart.',
      width: 24,
      height: 6,
      columns: { cluster: 'Cluster', issuer: 'Issuer' },
      sortBy: 'Oldest waits for',
      runbooks: ['SVIDIssuanceDown', 'SVIDIssuanceStuck'],
      queries: [
        { legend: 'Oldest waits for', unit: 's', expr: first(`time() - ${waitingSince}`) },
        { legend: 'Waiting', expr: first(requests('cluster, issuer', 'state=~"pending|approved"')) },
        { legend: 'Issued last, ago', unit: 's', expr: first(`time() - ${lastIssued}`) },
        {
          legend: 'Issued since',
          states: { 0: ['no', 'red'], 1: ['yes', 'green'] },
          expr: first(`${lastIssued} >= bool ${waitingSince}`),
        },
      ],
    },
  ],
}

const evidence: Row = {
  title: 'Over time',
  panels: [
    lateRenewals,
    {
      kind: 'graph',
      title: 'Requests that wait',
      description:
        'Requests that are not decided or not signed yet, by issuer; the ten with the most. A line that only rises is an issuer, or an approver, that does not answer.',
      width: 8,
      decimals: 0,
      min: 0,
      runbooks: ['SVIDIssuanceStuck', 'SVIDIssuanceDown'],
      queries: [
        {
          legend: '{{cluster}} {{issuer}}',
          expr: `topk(10, ${requests('cluster, issuer', 'state=~"pending|approved"')})`,
        },
      ],
    },
    {
      kind: 'graph',
      title: 'How long a node was not heard',
      description:
        'Seconds since svidwatch last saw the files of a node; the ten longest. Decisions about a node that it does not see are made by what was issued.',
      width: 8,
      unit: 's',
      min: 0,
      runbooks: ['SvidwatchNodeBlind'],
      queries: [
        {
          legend: '{{cluster}} {{node}}',
          expr: `topk(10, time() - max by (cluster, node) (svidwatch_node_last_contact_timestamp_seconds{${inCluster}}))`,
        },
      ],
    },
  ],
}

const workloads: Row = {
  title: 'Workloads',
  panels: [
    {
      kind: 'table',
      title: 'Missed renewals',
      description: 'The fifty workloads that expire first, of those that page. Below 0 they have expired.',
      width: 24,
      columns: workloadColumns,
      sortBy: 'Expires in',
      ascending: true,
      runbooks: ['SVIDExpiringSoon', 'SVIDExpired'],
      queries: [
        {
          legend: 'Expires in',
          unit: 's',
          thresholds: { base: 'red', from: [[0, 'orange']] },
          expr: `bottomk(50, ${paging})`,
        },
      ],
    },
    {
      kind: 'table',
      title: 'Stale mounts',
      description:
        'The fifty that expire first, of the workloads whose mounted SVID is older than what was issued for them. Below 0 the mounted SVID has expired.',
      width: 12,
      columns: { ...placeColumns, cause: 'Cause' },
      sortBy: 'Expires in',
      ascending: true,
      runbooks: ['SVIDMountStale'],
      queries: [
        {
          legend: 'Expires in',
          unit: 's',
          thresholds: { base: 'red', from: [[0, 'orange']] },
          expr: `bottomk(50, 0 * ${stale} + on (${workload}) group_left () (${staleUntil} - time()))`,
        },
      ],
    },
    {
      kind: 'table',
      title: 'Unreadable files',
      description: 'Fifty certificate files that cannot be read at present, and why (docs/metrics.md).',
      width: 12,
      columns: { ...placeColumns, file: 'File', reason: 'Reason' },
      sortBy: 'Pod',
      ascending: true,
      runbooks: ['SVIDUnreadable'],
      queries: [
        {
          legend: 'State',
          states: { 1: ['unreadable', 'yellow'] },
          expr: `topk(50, ${unreadable})`,
          emptyInDemo: 'every certificate file of the demo can be read',
        },
      ],
    },
  ],
}

/** What a watchdog goes by: which rotations are broken, how far that reaches, and what would heal it. */
export const rotation: Dashboard = {
  name: 'rotation',
  title: 'Rotation Watchdog',
  description:
    'The evidence about rotations that do not work: which ones, how far it reaches, and what would heal it. svidwatch restarts nothing by itself yet.',
  variables: ['trust_domain', 'namespace'],
  valuesFrom: 'spiffe_svids',
  rows: [now, blastRadius, issuers, evidence, workloads],
}
