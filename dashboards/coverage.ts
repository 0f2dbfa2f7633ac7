import { shareThatShouldBeAll, warnAboveNone } from './parts/thresholds.ts'
import type { Dashboard, Row } from './parts/panel.ts'
import {
  countOf,
  inDomainAndNamespace,
  inNamespace,
  orNote,
  orZero,
  problems,
  requestsNow,
  sees,
  shareValid,
  svidsInUse,
  workloads,
} from './parts/promql.ts'
import { svidsByNode, validWorkloads } from './parts/commonPanels.ts'
import { marksOfSvids } from './parts/marks.ts'

const byNamespace = 'cluster, namespace'

/** The namespaces with the most workloads that have no valid SVID. */
const worst = `topk(50, ${workloads(byNamespace, 'state=~"none|pending|expired"')})`
const inState = (state: string): string =>
  `${workloads(byNamespace, `state="${state}"`)} and on (${byNamespace}) ${worst}`

const posture = `sum by (cluster, namespace, finding) (max by (cluster, namespace, finding) (spiffe_posture_pods{${inNamespace}}))`

const copies = `max by (cluster, namespace, pod, volume, file, spiffe_id) (spiffe_svid_not_after_timestamp_seconds{${inDomainAndNamespace}})`
const seesWorkloads = sees('pods', 'files')

const now: Row = {
  title: 'Now',
  panels: [
    validWorkloads(5),
    {
      kind: 'stat',
      title: 'Waiting for the first SVID',
      description:
        'Pods that mount a volume for an SVID, and of which svidwatch has known none for a minute. Such pods do not start. While svidwatch is blind, it knows of no new ones.',
      width: 4,
      thresholds: warnAboveNone,
      leadsTo: 'rotation',
      runbooks: ['SVIDNotIssued'],
      queries: [
        {
          legend: 'waiting',
          expr: orZero(
            countOf(problems(['not_issued'], inNamespace), 'cluster, namespace, pod'),
            sees('certificateRequests'),
          ),
        },
      ],
    },
    {
      kind: 'stat',
      title: 'With an expired SVID',
      description: 'Workloads that have an SVID that has expired. Their connections fail.',
      width: 4,
      thresholds: { base: 'green', from: [[1, 'red']] },
      leadsTo: 'rotation',
      runbooks: ['SVIDExpired'],
      queries: [{ legend: 'expired', expr: `sum(${workloads('cluster', 'state="expired"')})` }],
    },
    {
      kind: 'stat',
      title: 'Without an SVID',
      description: 'Pods that mount no volume for an SVID, in namespaces that use or expect SVIDs.',
      width: 4,
      queries: [{ legend: 'none', expr: `sum(${workloads('cluster', 'state="none"')})` }],
    },
    {
      kind: 'stat',
      title: 'Identities',
      description: 'Different SPIFFE IDs of all SVIDs. Several workloads may share one.',
      width: 3,
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
      queries: [{ legend: 'at risk', expr: orZero(`sum(${posture})`, sees('pods')) }],
    },
  ],
}

const gaps: Row = {
  title: 'Where SVIDs are missing',
  panels: [
    {
      kind: 'table',
      title: 'Namespaces',
      description:
        'The fifty namespaces with the most workloads that have no valid SVID. The share is that of the workloads that ask for an SVID, as above.',
      width: 12,
      height: 9,
      columns: { cluster: 'Cluster', namespace: 'Namespace' },
      sortBy: 'With valid SVIDs',
      ascending: true,
      runbooks: ['SVIDNotIssued', 'SVIDExpired'],
      queries: [
        {
          legend: 'With valid SVIDs',
          width: 130,
          unit: 'percentunit',
          decimals: 1,
          thresholds: shareThatShouldBeAll,
          expr: `${shareValid(byNamespace)} and on (${byNamespace}) ${worst}`,
        },
        { legend: 'Valid', width: 75, expr: inState('valid') },
        { legend: 'Expired', width: 75, expr: inState('expired'), thresholds: { base: 'text', from: [[1, 'red']] } },
        { legend: 'Pending', width: 75, expr: inState('pending'), thresholds: { base: 'text', from: [[1, 'yellow']] } },
        { legend: 'None', width: 75, expr: inState('none') },
      ],
    },
    {
      kind: 'table',
      title: 'Requests that are not issued',
      description:
        'Requests for SVIDs that are waiting, were denied or have failed, by reason code (docs/metrics.md): the fifty largest groups.',
      width: 12,
      height: 9,
      columns: { state: 'State', cluster: 'Cluster', namespace: 'Namespace', issuer: 'Issuer', reason: 'Reason' },
      sortBy: 'Requests',
      runbooks: ['SVIDIssuanceStuck', 'SPIREAttestationFailureSpike'],
      queries: [
        {
          legend: 'Requests',
          width: 90,
          expr: orNote(
            `topk(50, ${requestsNow('cluster, namespace, issuer, state, reason', 'state!="issued"')})`,
            'every request was issued',
            sees('certificateRequests'),
          ),
        },
      ],
    },
  ],
}

const states: Row = {
  title: 'Workloads and identities',
  panels: [
    {
      kind: 'graph',
      title: 'Workloads by state',
      description:
        'Workloads by the state of their SVIDs. If a pod has several SVIDs, the worst state counts. A rollout raises the pending ones for a moment.',
      width: 9,
      decimals: 0,
      min: 0,
      stacked: true,
      colors: { valid: 'green', pending: 'yellow', expired: 'red', none: 'blue' },
      runbooks: ['SVIDNotIssued', 'SVIDExpired'],
      queries: [{ legend: '{{state}}', expr: workloads('state') }],
    },
    {
      kind: 'table',
      title: 'SVIDs by trust domain',
      description: 'SVIDs in use, one copy of each: the ten trust domains with the most.',
      width: 6,
      columns: { cluster: 'Cluster', trust_domain: 'Trust domain' },
      sortBy: 'SVIDs',
      queries: [{ legend: 'SVIDs', width: 75, expr: `topk(10, ${svidsInUse('', 'cluster, trust_domain')})` }],
    },
    {
      kind: 'table',
      title: 'Identities that several workloads share',
      description:
        'The ten SPIFFE IDs that the most workloads share. Whoever takes over one of these workloads has the identity of all of them.',
      width: 9,
      columns: { cluster: 'Cluster', spiffe_id: 'SPIFFE ID' },
      sortBy: 'Workloads',
      queries: [
        {
          legend: 'Workloads',
          width: 90,
          expr: orNote(
            `topk(10, count by (cluster, spiffe_id) (${copies}) > 1)`,
            'no identity is shared',
            seesWorkloads,
          ),
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
      queries: [{ legend: 'Pods', expr: orNote(`topk(50, ${posture} > 0)`, 'no pod is at risk', sees('pods')) }],
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
  marked: marksOfSvids,
  rows: [now, gaps, states],
}
