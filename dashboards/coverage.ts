import { shareThatShouldBeAll, warnAboveNone } from './parts/levels.ts'
import type { Dashboard, Row } from './parts/panel.ts'
import { inBoth, inNamespace, orZero, pods, requests, svids } from './parts/promql.ts'
import { svidsByNode } from './parts/shared.ts'

const all = pods('cluster, namespace')
const uncovered = pods('cluster, namespace', 'state=~"none|pending"')
const inState = (state: string): string =>
  `${pods('cluster, namespace', `state="${state}"`)} and on (cluster, namespace) topk(50, ${uncovered})`

const posture = `sum by (cluster, namespace, finding) (max by (cluster, namespace, finding) (spiffe_posture_pods{${inNamespace}}))`

const copies = `max by (cluster, namespace, pod, volume, file, spiffe_id) (spiffe_svid_not_after_timestamp_seconds{${inBoth}})`

const now: Row = {
  title: 'Now',
  panels: [
    {
      kind: 'stat',
      title: 'Pods with an SVID',
      description:
        'Of all pods in namespaces that use or expect SVIDs, the share that has one, expired or not. Agents and pods that have ended do not count.',
      width: 4,
      unit: 'percentunit',
      decimals: 1,
      queries: [
        { legend: 'covered', expr: `sum(${pods('cluster', 'state=~"valid|expired"')}) / sum(${pods('cluster')})` },
      ],
    },
    {
      kind: 'stat',
      title: 'Volumes that are served',
      description: 'Of the pods that mount a volume for an SVID, the share that has got one.',
      width: 4,
      unit: 'percentunit',
      decimals: 1,
      thresholds: shareThatShouldBeAll,
      runbooks: ['SVIDNotIssued'],
      queries: [
        {
          legend: 'served',
          expr: `sum(${pods('cluster', 'state=~"valid|expired"')}) / sum(${pods('cluster', 'state!="none"')})`,
        },
      ],
    },
    {
      kind: 'stat',
      title: 'Waiting for the first SVID',
      description: 'Pods that mount a volume for an SVID and have none yet: they do not start.',
      width: 4,
      thresholds: warnAboveNone,
      runbooks: ['SVIDNotIssued'],
      queries: [{ legend: 'pending', expr: orZero(`sum(${pods('cluster', 'state="pending"')})`) }],
    },
    {
      kind: 'stat',
      title: 'Without an SVID',
      description: 'Pods that mount no volume for an SVID, in namespaces that use or expect SVIDs.',
      width: 4,
      queries: [{ legend: 'none', expr: orZero(`sum(${pods('cluster', 'state="none"')})`) }],
    },
    {
      kind: 'stat',
      title: 'Identities',
      description: 'Different SPIFFE IDs for which there are SVIDs. Several pods may share one.',
      width: 4,
      queries: [
        {
          legend: 'identities',
          expr: `count(count by (cluster, spiffe_id) (spiffe_svid_not_after_timestamp_seconds{${inBoth}}))`,
        },
      ],
    },
    {
      kind: 'stat',
      title: 'Identities at risk',
      description:
        'Findings of pods that can pose as others, or that lose the agent once it restarts. The table below names them.',
      width: 4,
      thresholds: warnAboveNone,
      queries: [{ legend: 'at risk', expr: orZero(`sum(${posture})`) }],
    },
  ],
}

const coverageRow: Row = {
  title: 'Pods',
  panels: [
    {
      kind: 'graph',
      title: 'Pods by state',
      description:
        'How it stands with the SVIDs of pods; of several SVIDs the worst counts. A rollout makes the pending ones rise for a moment.',
      width: 10,
      height: 9,
      decimals: 0,
      min: 0,
      stacked: true,
      colors: { valid: 'green', pending: 'yellow', expired: 'red', none: 'blue' },
      runbooks: ['SVIDNotIssued'],
      queries: [{ legend: '{{state}}', expr: pods('state') }],
    },
    {
      kind: 'bars',
      title: 'SVIDs by trust domain',
      description: 'SVIDs in use, one for each workload, by their trust domain; the ten with the most.',
      width: 5,
      height: 9,
      decimals: 0,
      queries: [{ legend: '{{cluster}} {{trust_domain}}', expr: `topk(10, ${svids('', 'cluster, trust_domain')})` }],
    },
    {
      kind: 'bars',
      title: 'Identities that several workloads share',
      description:
        'The ten SPIFFE IDs with the most workloads. Who takes over one of these has the identity of all of them.',
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
  title: 'Where it is missing',
  panels: [
    {
      kind: 'table',
      title: 'Namespaces',
      description: 'The fifty with the most pods that wait for an SVID or have none.',
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
          expr: `1 - topk(50, ${uncovered}) / on (cluster, namespace) ${all}`,
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
        'Requests for SVIDs that wait, were denied or have failed, with the reason code (docs/metrics.md); the fifty largest groups.',
      width: 12,
      height: 9,
      columns: { cluster: 'Cluster', namespace: 'Namespace', issuer: 'Issuer', state: 'State', reason: 'Reason' },
      sortBy: 'Requests',
      runbooks: ['SVIDIssuanceStuck', 'SPIREAttestationFailureSpike'],
      queries: [
        {
          legend: 'Requests',
          expr: `topk(50, ${requests('cluster, namespace, issuer, state, reason', 'state!="issued"')})`,
        },
      ],
    },
    {
      kind: 'table',
      title: 'Pods that put identities at risk',
      description:
        "What pods have that puts identities at risk. host_pid: the pod shares the process namespace of its node and can pose as other workloads. socket_file_mount: it mounts the agent's socket as a single file, which is dead once the agent restarts.",
      width: 12,
      columns: { cluster: 'Cluster', namespace: 'Namespace', finding: 'Finding' },
      sortBy: 'Pods',
      queries: [{ legend: 'Pods', expr: `topk(50, ${posture})` }],
    },
    svidsByNode(12),
  ],
}

/** Which workloads have identities, and which should. */
export const coverage: Dashboard = {
  name: 'coverage',
  title: 'Registration Coverage',
  description: 'Which pods have SVIDs, which wait for one, which have none, and what puts identities at risk.',
  variables: ['trust_domain', 'namespace'],
  valuesFrom: 'spiffe_svids',
  rows: [now, coverageRow, gaps],
}
