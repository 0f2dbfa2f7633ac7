import { alarmAboveNone } from './levels.ts'
import type { Graph, Stat } from './panel.ts'
import { expired, gained, inCluster, issued, missed, refused, svids } from './promql.ts'

/** Renewals that page soon, or do. */
export const missedRenewals: Stat = {
  kind: 'stat',
  title: 'Missed renewals',
  description:
    'SVIDs that have not expired, but whose renewal has been due for more than a quarter of the time from renewal due to expiry. Each of them pages soon or already does. The mounted copy counts where it is known.',
  width: 4,
  thresholds: alarmAboveNone,
  runbooks: ['SVIDExpiringSoon', 'SVIDIssuanceDown'],
  queries: [{ legend: 'missed', expr: svids(missed) }],
}

export const expiredSvids: Stat = {
  kind: 'stat',
  title: 'Expired SVIDs',
  description: 'SVIDs in use that have expired: connections of these workloads fail.',
  width: 4,
  thresholds: alarmAboveNone,
  runbooks: ['SVIDExpired'],
  queries: [{ legend: 'expired', expr: svids(expired) }],
}

/** How late renewals are, over time. */
export const lateRenewals: Graph = {
  kind: 'graph',
  title: 'Renewals that are late',
  description:
    'SVIDs whose renewal is due, by how much of the time from renewal due to expiry has passed. The first quarter is for retries. The other quarters should be empty.',
  width: 8,
  decimals: 0,
  min: 0,
  stacked: true,
  colors: { expired: 'red', 'last quarter': 'orange', third: 'yellow', second: 'blue', 'first quarter': 'green' },
  runbooks: ['SVIDExpiringSoon', 'SVIDExpired'],
  queries: [
    { legend: 'expired', expr: svids(expired) },
    { legend: 'last quarter', expr: svids('left="overdue_0-25"') },
    { legend: 'third', expr: svids('left="overdue_25-50"') },
    { legend: 'second', expr: svids('left="overdue_50-75"') },
    { legend: 'first quarter', expr: svids('left="overdue_75-100"') },
  ],
}

/** What is asked for, and what becomes of it. */
export const requestsForSvids: Graph = {
  kind: 'graph',
  title: 'Requests for SVIDs',
  description:
    'Requests per minute that were issued, and that were denied or failed. A fleet renews at an even rate: a dip that is not followed by a peak is an issuer in trouble.',
  width: 8,
  unit: 'reqpm',
  min: 0,
  colors: { issued: 'green', refused: 'red' },
  runbooks: ['SVIDIssuanceDown', 'SPIREAttestationFailureSpike'],
  queries: [
    { legend: 'issued', expr: `60 * ${gained('rate', issued, '$__rate_interval')}` },
    { legend: 'refused', expr: `60 * ${gained('rate', refused, '$__rate_interval')}` },
  ],
}

export const svidsByNode = (width: number): Graph => ({
  kind: 'graph',
  title: 'SVIDs by node',
  description: 'SVIDs that the pods of a node have from its agent; the ten nodes with the most.',
  width,
  decimals: 0,
  min: 0,
  queries: [
    {
      legend: '{{cluster}} {{node}}',
      expr: `topk(10, max by (cluster, node, agent) (spire_agent_svid_count{${inCluster}}))`,
    },
  ],
})
