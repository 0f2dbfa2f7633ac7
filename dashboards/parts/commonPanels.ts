import { alarmAboveNone } from './thresholds.ts'
import type { Graph, Stat } from './panel.ts'
import { expired, counterGain, inCluster, issued, missed, refused, svidsInUse } from './promql.ts'

/** Renewals that page, or soon will. */
export const missedRenewals: Stat = {
  kind: 'stat',
  title: 'Missed renewals',
  description:
    'SVIDs that have not expired yet, and whose renewal has been due for more than a quarter of the time from then to the expiry. Each of them pages a little later. The mounted copy counts if it is known, else the issued one.',
  width: 4,
  thresholds: alarmAboveNone,
  runbooks: ['SVIDExpiringSoon', 'SVIDIssuanceDown'],
  queries: [{ legend: 'missed', expr: svidsInUse(missed) }],
}

export const expiredSvids: Stat = {
  kind: 'stat',
  title: 'Expired SVIDs',
  description: 'SVIDs in use that have expired. Connections of these workloads fail.',
  width: 4,
  thresholds: alarmAboveNone,
  runbooks: ['SVIDExpired'],
  queries: [{ legend: 'expired', expr: svidsInUse(expired) }],
}

/** How late renewals are, over time. */
export const lateRenewals: Graph = {
  kind: 'graph',
  title: 'Late renewals',
  description:
    'SVIDs whose renewal is due, by how much of the safe time has passed. The safe time runs from the due renewal to the expiry. Its first quarter leaves time for a retry; the other quarters should be empty.',
  width: 8,
  decimals: 0,
  min: 0,
  stacked: true,
  colors: { expired: 'red', 'last quarter': 'orange', third: 'yellow', second: 'blue', 'first quarter': 'green' },
  runbooks: ['SVIDExpiringSoon', 'SVIDExpired'],
  queries: [
    { legend: 'expired', expr: svidsInUse(expired) },
    { legend: 'last quarter', expr: svidsInUse('left="overdue_0-25"') },
    { legend: 'third', expr: svidsInUse('left="overdue_25-50"') },
    { legend: 'second', expr: svidsInUse('left="overdue_50-75"') },
    { legend: 'first quarter', expr: svidsInUse('left="overdue_75-100"') },
  ],
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
  description: 'SVIDs that the pods of a node got from its agent: the ten nodes with the most.',
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
