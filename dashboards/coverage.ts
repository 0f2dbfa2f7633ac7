import { shareThatShouldBeAll, warnAboveNone } from './parts/thresholds.ts'
import type { Dashboard, Row } from './parts/panel.ts'
import { inDomainAndNamespace, inNamespace, orZero, workloads, requestsNow, svidsInUse } from './parts/promql.ts'
import { svidsByNode } from './parts/commonPanels.ts'

const allWorkloads = workloads('cluster, namespace')
const uncovered = workloads('cluster, namespace', 'state=~"none|pending"')
const inState = (state: string): string =>
  `${workloads('cluster, namespace', `state="${state}"`)} and on (cluster, namespace) topk(50, ${uncovered})`

const posture = `sum by (cluster, namespace, finding) (max by (cluster, namespace, finding) (spiffe_posture_pods{${inNamespace}}))`

const copies = `max by (cluster, namespace, pod, volume, file, spiffe_id) (spiffe_svid_not_after_timestamp_seconds{${inDomainAndNamespace}})`

const now: Row = {
  title: 'Now',
  panels: [
    {
      kind: 'stat',
      title: 'Workloads with an SVID',
      description:
        'Of all pods in namespaces that use or expect SVIDs, and of all configured files, the share that has an SVID, expired or not. Agents and pods that have ended do not count.',
      width: 4,
      unit: 'percentunit',
      decimals: 1,
      queries: [
        {
          legend: 'covered',
          expr: `sum(${workloads('cluster', 'state=~"valid|expired"')}) / sum(${workloads('cluster')})`,
        },
      ],
    },
    {
      kind: 'stat',
      title: 'SVIDs delivered',
      description:
        'Of the pods that mount a volume for an SVID, and of all configured files, the share that has got an SVID.',
      width: 4,
      unit: 'percentunit',
      decimals: 1,
      thresholds: shareThatShouldBeAll,
      runbooks: ['SVIDNotIssued'],
      queries: [
        {
          legend: 'delivered',
          expr: `sum(${workloads('cluster', 'state=~"valid|expired"')}) / sum(${workloads('cluster', 'state!="none"')})`,
        },
      ],
    },
    {
      kind: 'stat',
      title: 'Waiting for the first SVID',
      description: 'Workloads that ask for an SVID and have none yet. Pods among them do not start.',
      width: 4,
      thresholds: warnAboveNone,
      runbooks: ['SVIDNotIssued'],
      queries: [{ legend: 'pending', expr: orZero(`sum(${workloads('cluster', 'state="pending"')})`) }],
    },
    {
      kind: 'stat',
      title: 'Without an SVID',
      description: 'Pods that mount no volume for an SVID, in namespaces that use or expect SVIDs.',
      width: 4,
      queries: [{ legend: 'none', expr: orZero(`sum(${workloads('cluster', 'state="none"')})`) }],
    },
    {
      kind: 'stat',
      title: 'Identities',
      description: 'Different SPIFFE IDs of all SVIDs. Several workloads may share one.',
      width: 4,
      queries: [
        {
          legend: 'identities',
          expr: `count(count by (cluster, spiffe_id) (spiffe_svid_not_after_timestamp_seconds{${inDomainAndNamespace}}))`,
        },
      ],
    },
    {
      kind: 'stat',
      title: 'Identities at risk',
      description:
        'Findings about pods that can pose as other workloads, or that lose the agent once it restarts. The table below shows their namespaces.',
      width: 4,
      thresholds: warnAboveNone,
      queries: [{ legend: 'at risk', expr: orZero(`sum(${posture})`) }],
    },
  ],
}

const coverageRow: Row = {
  title: 'Workloads',
  panels: [
    {
      kind: 'graph',
      title: 'Workloads by state',
      description:
        'Workloads by the state of their SVIDs. If a pod has several SVIDs, the worst state counts. A rollout raises the pending ones for a moment.',
      width: 10,
      height: 9,
      decimals: 0,
      min: 0,
      stacked: true,
      colors: { valid: 'green', pending: 'yellow', expired: 'red', none: 'blue' },
      runbooks: ['SVIDNotIssued'],
      queries: [{ legend: '{{state}}', expr: workloads('state') }],
    },
    {
      kind: 'bars',
      title: 'SVIDs by trust domain',
      description: 'SVIDs in use, one copy of each, by trust domain: the ten trust domains with the most.',
      width: 5,
      height: 9,
      decimals: 0,
      queries: [
        { legend: '{{cluster}} {{trust_domain}}', expr: `topk(10, ${svidsInUse('', 'cluster, trust_domain')})` },
      ],
    },
    {
      kind: 'bars',
      title: 'Identities that several workloads share',
      description:
        'The ten SPIFFE IDs that the most workloads share. Whoever takes over one of these workloads has the identity of all of them.',
      width: 9,
      height: 9,
      decimals: 0,
      queries: [
        { legend: '{{cluster}} {{spiffe_id}}', expr: `topk(10, count by (cluster, spiffe_id) (${copies}) > 1)` },
      ],
    },
  ],
}

const gaps: Row = {
  title: 'Where SVIDs are missing',
  panels: [
    {
      kind: 'table',
      title: 'Namespaces',
      description: 'The fifty namespaces with the most workloads that wait for an SVID or have none.',
      width: 12,
      height: 9,
      columns: { cluster: 'Cluster', namespace: 'Namespace' },
      sortBy: 'Covered',
      ascending: true,
      runbooks: ['SVIDNotIssued'],
      queries: [
        {
          legend: 'Covered',
          unit: 'percentunit',
          thresholds: shareThatShouldBeAll,
          expr: `1 - topk(50, ${uncovered}) / on (cluster, namespace) ${allWorkloads}`,
        },
        { legend: 'Valid', expr: inState('valid') },
        { legend: 'Expired', expr: inState('expired'), thresholds: { base: 'text', from: [[1, 'red']] } },
        { legend: 'Pending', expr: inState('pending'), thresholds: { base: 'text', from: [[1, 'yellow']] } },
        { legend: 'None', expr: inState('none') },
      ],
    },
    {
      kind: 'table',
      title: 'Requests that are not issued',
      description:
        'Requests for SVIDs that are waiting, were denied or have failed, by reason code (docs/metrics.md): the fifty largest groups.',
      width: 12,
      height: 9,
      columns: { cluster: 'Cluster', namespace: 'Namespace', issuer: 'Issuer', state: 'State', reason: 'Reason' },
      sortBy: 'Requests',
      runbooks: ['SVIDIssuanceStuck', 'SPIREAttestationFailureSpike'],
      queries: [
        {
          legend: 'Requests',
          expr: `topk(50, ${requestsNow('cluster, namespace, issuer, state, reason', 'state!="issued"')})`,
        },
      ],
    },
    {
      kind: 'table',
      title: 'Pods that put identities at risk',
      description:
        "Pods that put identities at risk, by the kind of risk. host_pid: the pod shares the process namespace of its node and can pose as other workloads. socket_file_mount: the pod mounts the agent's socket as a single file, which is dead once the agent restarts.",
      width: 12,
      columns: { cluster: 'Cluster', namespace: 'Namespace', finding: 'Finding' },
      sortBy: 'Pods',
      queries: [{ legend: 'Pods', expr: `topk(50, ${posture})` }],
    },
    svidsByNode(12),
  ],
}

/** Shows which workloads have SVIDs, and which should have some. */
export const coverage: Dashboard = {
  name: 'coverage',
  title: 'Registration Coverage',
  description: 'Which workloads have SVIDs, which wait for one, which have none, and what puts identities at risk.',
  variables: ['trust_domain', 'namespace'],
  valuesFrom: 'spiffe_svids',
  rows: [now, coverageRow, gaps],
}
