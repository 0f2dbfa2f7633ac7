import { alarmAboveNone, shareThatShouldBeAll } from './thresholds.ts'
import type { Graph, Query, Stat, Table } from './panel.ts'
import { workload } from '../../alerts/labels.ts'
import {
  asking,
  counterGain,
  countOf,
  firstToExpire,
  greatestAtEnd,
  inCluster,
  inNamespace,
  issued,
  named,
  orNote,
  orZero,
  problems,
  refused,
  requestsNow,
  sees,
  seesSvids,
  svidsInUse,
  workloads,
} from './promql.ts'

/** How many renewals were missed, and how many of these SVIDs have expired. `where` is a list of matchers. */
export const missedRenewals = (where: string, width: number): Stat => ({
  kind: 'stat',
  title: 'Missed renewals',
  description:
    'SVIDs whose renewal was missed, and how many of them have expired: connections of those workloads fail. They are the ones that page, but for those of muted workloads. While svidwatch is blind, it knows of no new ones.',
  width,
  thresholds: alarmAboveNone,
  leadsTo: 'rotation',
  runbooks: ['SVIDExpiringSoon', 'SVIDExpired', 'SVIDIssuanceDown'],
  queries: [
    { legend: 'missed', expr: orZero(countOf(problems(['renewal_missed', 'expired'], where), workload), seesSvids) },
    { legend: 'of which expired', expr: orZero(countOf(problems(['expired'], where), workload), seesSvids) },
  ],
})

export const issuersDown = (width: number, where = inCluster): Stat => ({
  kind: 'stat',
  title: 'Issuers down',
  description:
    'Issuers that issue nothing while workloads have missed their renewal. No restart helps: a new pod would not start.',
  width,
  thresholds: alarmAboveNone,
  leadsTo: 'rotation',
  runbooks: ['SVIDIssuanceDown'],
  queries: [
    {
      legend: 'down',
      expr: orZero(countOf(problems(['issuer_down'], where), 'cluster, issuer'), sees('certificateRequests')),
    },
  ],
})

/** The only share of workloads that the dashboards show. */
export const validWorkloads = (width: number): Stat => ({
  kind: 'stat',
  title: 'Workloads with valid SVIDs',
  description:
    'Of the workloads that ask for an SVID (pods that mount a volume for one, and configured files), the share whose SVIDs are all valid. Workloads that wait for their first SVID, or that have an expired one, lower it.',
  width,
  unit: 'percentunit',
  decimals: 1,
  thresholds: shareThatShouldBeAll,
  leadsTo: 'coverage',
  runbooks: ['SVIDNotIssued', 'SVIDExpired'],
  queries: [
    {
      legend: 'valid',
      expr: `sum(${workloads('cluster', 'state="valid"')}) / (sum(${workloads('cluster', asking)}) > 0)`,
    },
  ],
})

/** The SVIDs whose renewal was missed, those that expire first. `where` is a list of matchers. */
export const missedRenewalsTable = (where: string, count: 20 | 50): Table => {
  const first = firstToExpire(count, where)
  const selected = (more: string) => problems(['renewal_missed', 'expired'], `${more}${where}`)
  const because = (cause: number, more: string) =>
    `${cause} * group by (${workload}) (${selected(more)} and on (${workload}) ${first})`
  return {
    kind: 'table',
    title: 'Missed renewals',
    description: `The ${count} SVIDs that expire first, of those whose renewal was missed. Below 0 the SVID has expired. If its issuer is down, that is the cause; otherwise the cause is at the workload, its node or its request.`,
    width: 24,
    height: 9,
    columns: {
      cluster: 'Cluster',
      namespace: 'Namespace',
      workload: 'Workload',
      node: 'Node',
      issuer: 'Issuer',
      spiffe_id: 'SPIFFE ID',
    },
    sortBy: 'Expires in',
    ascending: true,
    runbooks: ['SVIDExpiringSoon', 'SVIDExpired'],
    queries: [
      {
        legend: 'Expires in',
        unit: 's',
        decimals: 1,
        thresholds: { base: 'red', from: [[0, 'orange']] },
        expr: orNote(named(first), 'no renewal is missed', seesSvids),
      },
      {
        legend: 'Cause',
        states: { 0: ['its own', 'text'], 1: ['issuer down', 'red'], 2: ['incident', 'red'] },
        expr: named(
          `${because(1, 'explained_by="issuer_down", ')} or ${because(2, 'explained_by="incident", ')} or ${because(0, 'explained_by="", ')}`,
        ),
      },
    ],
  }
}

/** How late the SVIDs are that were not renewed, over time. */
export const lateRenewals: Graph = {
  kind: 'graph',
  title: 'Late renewals',
  description:
    'SVIDs whose renewal is late, by how much of the safe time has passed, which runs from the due renewal to the expiry. In its first quarter a retry may still succeed, so that quarter is not shown. All of this should be empty.',
  width: 8,
  decimals: 0,
  min: 0,
  stacked: true,
  colors: { expired: 'red', 'last quarter': 'orange', 'third quarter': 'yellow', 'second quarter': 'blue' },
  runbooks: ['SVIDExpiringSoon', 'SVIDExpired'],
  queries: [
    { legend: 'expired', expr: svidsInUse('left="expired"') },
    { legend: 'last quarter', expr: svidsInUse('left="overdue_0-25"') },
    { legend: 'third quarter', expr: svidsInUse('left="overdue_25-50"') },
    { legend: 'second quarter', expr: svidsInUse('left="overdue_50-75"') },
  ],
}

/** Requests that wait: all of them, and the ten largest groups by some labels. */
export const waitingRequests = (by: 'reason' | 'cluster, issuer', where = inNamespace): readonly Query[] => {
  const waiting = 'state=~"pending|approved"'
  return [
    { legend: 'all', expr: orZero(`sum(${requestsNow('cluster', waiting, where)})`, sees('certificateRequests')) },
    {
      legend: by === 'reason' ? '{{reason}}' : '{{cluster}} {{issuer}}',
      expr: greatestAtEnd(10, requestsNow(by, waiting, where)),
    },
  ]
}

/** Requests by outcome, over time. */
export const requestsForSvids: Graph = {
  kind: 'graph',
  title: 'Requests for SVIDs',
  description:
    'Requests per minute that were issued, and that were denied or failed (refused). A fleet renews at an even rate: a dip without a peak after it is an issuer in trouble.',
  width: 8,
  unit: 'reqpm',
  min: 0,
  colors: { issued: 'green', refused: 'red' },
  runbooks: ['SVIDIssuanceDown', 'SPIREAttestationFailureSpike'],
  queries: [
    { legend: 'issued', expr: `60 * ${counterGain('rate', issued, '$__rate_interval')}` },
    { legend: 'refused', expr: `60 * ${counterGain('rate', refused, '$__rate_interval')}` },
  ],
}

export const svidsByNode = (width: number): Graph => ({
  kind: 'graph',
  title: 'SVIDs by node',
  description: 'SVIDs that the pods of a node got from its agent: the ten nodes that have the most now.',
  width,
  decimals: 0,
  min: 0,
  queries: [
    {
      legend: '{{cluster}} {{node}}',
      expr: greatestAtEnd(10, `max by (cluster, node, agent) (spire_agent_svid_count{${inCluster}})`),
    },
  ],
})
