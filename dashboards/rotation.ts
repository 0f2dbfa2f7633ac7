import { copy, place, workload } from '../alerts/labels.ts'
import { alarmAboveNone, warnAboveNone } from './parts/thresholds.ts'
import type { Bars, Dashboard, Row } from './parts/panel.ts'
import { firing, inDomainAndNamespace, inCluster, inDomain, inNamespace, orZero, requestsNow } from './parts/promql.ts'
import { lateRenewals } from './parts/commonPanels.ts'

const missed = `spiffe_problem_since_timestamp_seconds{code=~"renewal_missed|expired", muted="", ${inDomainAndNamespace}}`

/** Workloads that page, by themselves or as part of the outage of their issuer. */
const paging = `max by (${workload}) (${missed})`

/** The seconds until their SVIDs expire. */
const pagingLeft = `max by (${workload}) (spiffe_svid_not_after_timestamp_seconds and on (${copy}) ${missed}) - time()`
const staleMounts = `max by (${workload}, cause) (spiffe_svid_drift{${inDomainAndNamespace}})`
const staleExpiry = `max by (${workload}) (spiffe_svid_not_after_timestamp_seconds{copy="mounted", ${inDomainAndNamespace}} and on (${place}) spiffe_svid_drift)`
const unreadable = `max by (${workload}, reason) (spiffe_svid_unreadable{${inDomainAndNamespace}})`

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
        'Workloads whose renewal was missed: those of SVIDExpiringSoon, and those that SVIDIssuanceDown counts.',
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
      queries: [{ legend: 'stale', expr: orZero(`count(${staleMounts})`) }],
    },
    {
      kind: 'stat',
      title: 'Unreadable files',
      description:
        'Certificate files that cannot be read at present. What was read last stays on the dashboards, with its age.',
      width: 6,
      thresholds: warnAboveNone,
      runbooks: ['SVIDUnreadable'],
      queries: [{ legend: 'unreadable', expr: orZero(`count(${unreadable})`) }],
    },
    {
      kind: 'stat',
      title: 'Issuers that are down',
      description:
        'Issuers that issue nothing while workloads have missed their renewal. No restart fixes that: a new pod would not start.',
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
      'If the missed renewals share one issuer, the issuer or the approver of its requests is in trouble.',
    ),
    radius('node', 'Missed renewals by node', 'If the missed renewals share one node, its agent is down or hangs.'),
    radius(
      'namespace',
      'Missed renewals by namespace',
      'If the missed renewals share one namespace, requests are refused there, or its pods have a common fault.',
    ),
  ],
}

const waitingSince = `min by (cluster, issuer) (spiffe_certificate_request_oldest_waiting_timestamp_seconds{${inNamespace}})`
const lastIssued = `max by (cluster, issuer) (spiffe_issuer_last_issued_timestamp_seconds{${inDomain}})`

/** The value for twenty issuers, those with the longest-waiting request first. */
const firstTwenty = (value: string): string =>
  `${value} and on (cluster, issuer) topk(20, time() - ${waitingSince} or 0 * ${lastIssued})`

const issuers: Row = {
  title: 'Issuers',
  panels: [
    {
      kind: 'table',
      title: 'Which issuers are proven to issue',
      description:
        'Twenty issuers, those with the longest-waiting request first. An issuer that has issued since its oldest waiting request was created works, and that request has a cause of its own. The others are down, and no restart helps.',
      width: 24,
      height: 6,
      columns: { cluster: 'Cluster', issuer: 'Issuer' },
      sortBy: 'Oldest request waits for',
      runbooks: ['SVIDIssuanceDown', 'SVIDIssuanceStuck'],
      queries: [
        { legend: 'Oldest request waits for', unit: 's', expr: firstTwenty(`time() - ${waitingSince}`) },
        { legend: 'Waiting', expr: firstTwenty(requestsNow('cluster, issuer', 'state=~"pending|approved"')) },
        { legend: 'Issued last, ago', unit: 's', expr: firstTwenty(`time() - ${lastIssued}`) },
        {
          legend: 'Issued since',
          states: { 0: ['no', 'red'], 1: ['yes', 'green'] },
          expr: firstTwenty(`${lastIssued} >= bool ${waitingSince}`),
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
      title: 'Waiting requests',
      description:
        'Requests that are not yet decided or not yet signed, by issuer: the ten issuers with the most. A line that only rises means that an issuer, or an approver, does not answer.',
      width: 8,
      decimals: 0,
      min: 0,
      runbooks: ['SVIDIssuanceStuck', 'SVIDIssuanceDown'],
      queries: [
        {
          legend: '{{cluster}} {{issuer}}',
          expr: `topk(10, ${requestsNow('cluster, issuer', 'state=~"pending|approved"')})`,
        },
      ],
    },
    {
      kind: 'graph',
      title: 'Time since last contact with a node',
      description:
        'Time since svidwatch last saw the files of a node: the ten longest. What it knows about the mounted SVIDs of such a node may be out of date.',
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
      description: 'Of the workloads that page, the fifty whose SVIDs expire first. Below 0 the SVID has expired.',
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
          expr: `bottomk(50, ${pagingLeft})`,
        },
      ],
    },
    {
      kind: 'table',
      title: 'Stale mounts',
      description:
        'Of the workloads whose mounted SVID is older than the issued one, the fifty whose mounted SVID expires first. Below 0 the mounted SVID has expired.',
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
          expr: `bottomk(50, 0 * ${staleMounts} + on (${workload}) group_left () (${staleExpiry} - time()))`,
        },
      ],
    },
    {
      kind: 'table',
      title: 'Unreadable files',
      description: 'Fifty certificate files that cannot be read at present, and the reason code (docs/metrics.md).',
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

/** Shows the evidence that a watchdog needs: which rotations are broken, how far that reaches, and what would fix it. */
export const rotation: Dashboard = {
  name: 'rotation',
  title: 'Rotation Watchdog',
  description:
    'Which rotations do not work, how far that reaches, and what would fix it. svidwatch itself restarts nothing yet.',
  variables: ['trust_domain', 'namespace'],
  valuesFrom: 'spiffe_svids',
  rows: [now, blastRadius, issuers, evidence, workloads],
}
