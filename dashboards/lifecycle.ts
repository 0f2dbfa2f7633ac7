import { lifetimeParts } from '../src/identity/lifetimePart.ts'
import { safeTime, shareThatShouldBeAll, warnAboveNone } from './parts/levels.ts'
import type { Dashboard, Row } from './parts/panel.ts'
import {
  gained,
  inBoth,
  issued,
  overdue,
  refused,
  safeTimeLeft,
  successRatio,
  svids,
  timeLeft,
} from './parts/promql.ts'
import { expiredSvids, lateRenewals, missedRenewals } from './parts/shared.ts'

/** From the bottom of the heatmap to its top. */
const parts = Object.keys(lifetimeParts).toReversed()

const nameOf = (part: string): string => (part === 'expired' ? part : `${part} %`)

const lifetime = `(spiffe_svid_not_after_timestamp_seconds{${inBoth}} - spiffe_svid_not_before_timestamp_seconds{${inBoth}})`

const now: Row = {
  title: 'Now',
  panels: [
    {
      kind: 'stat',
      title: 'SVIDs in use',
      description: 'One for each workload: the mounted SVID where it is known, and the issued one elsewhere.',
      width: 4,
      queries: [{ legend: 'SVIDs', expr: svids() }],
    },
    {
      kind: 'stat',
      title: 'Renewal due',
      description:
        'SVIDs of which less than a third of the lifetime is left. Renewals take a moment, so that a few are always due in a large fleet.',
      width: 4,
      queries: [{ legend: 'due', expr: svids(overdue) }],
    },
    missedRenewals,
    expiredSvids,
    {
      kind: 'stat',
      title: 'Rotation success',
      description: 'Of all requests for SVIDs that ended within the time range, the share that was issued.',
      width: 4,
      unit: 'percentunit',
      decimals: 1,
      thresholds: shareThatShouldBeAll,
      runbooks: ['SPIREAttestationFailureSpike'],
      queries: [{ legend: 'issued', expr: successRatio('$__range') }],
    },
    {
      kind: 'stat',
      title: 'Forged identities',
      description:
        'Requests within the time range whose annotation names another SPIFFE ID than what they ask for. Anything but 0 is a fault of the driver, or somebody who tries.',
      width: 4,
      decimals: 0,
      thresholds: warnAboveNone,
      runbooks: ['SPIFFEIdentityMismatch'],
      queries: [
        { legend: 'mismatches', expr: gained('increase', 'spiffe_identity_annotation_mismatches_total', '$__range') },
      ],
    },
  ],
}

const lifetimes: Row = {
  title: 'How much of the lifetime is left',
  panels: [
    {
      kind: 'heatmap',
      title: 'Lifetime left, over time',
      description:
        'How many SVIDs have how much of their lifetime left, in percent of it. Healthy ones move down to a third, are renewed, and begin again at the top. Whatever stays below "25-33 %" was missed.',
      width: 16,
      runbooks: ['SVIDExpiringSoon', 'SVIDExpired'],
      queries: parts.map((part) => ({ legend: nameOf(part), expr: svids(`left="${part}"`) })),
    },
    {
      kind: 'bars',
      title: 'Lifetime left, now',
      description: 'The same as of now. The lower half, below a third, is the time in which a renewal has to succeed.',
      width: 8,
      height: 10,
      queries: parts.toReversed().map((part) => ({ legend: nameOf(part), expr: svids(`left="${part}"`) })),
    },
  ],
}

const rotation: Row = {
  title: 'Rotation',
  panels: [
    {
      kind: 'graph',
      title: 'Rotations',
      description: 'SVIDs that were issued, and requests that were denied or failed, per minute.',
      width: 8,
      unit: 'short',
      min: 0,
      colors: { issued: 'green', refused: 'red' },
      runbooks: ['SVIDIssuanceDown', 'SPIREAttestationFailureSpike'],
      queries: [
        { legend: 'issued', expr: `60 * ${gained('rate', issued, '$__rate_interval')}` },
        { legend: 'refused', expr: `60 * ${gained('rate', refused, '$__rate_interval')}` },
      ],
    },
    {
      kind: 'graph',
      title: 'Rotation success',
      description: 'The share of requests that were issued, within 15 minutes, of the ten issuers with the smallest.',
      width: 8,
      unit: 'percentunit',
      min: 0,
      max: 1,
      thresholds: {
        base: 'red',
        from: [[0.9, 'green']],
      },
      runbooks: ['SPIREAttestationFailureSpike'],
      queries: [{ legend: '{{cluster}} {{issuer}}', expr: `bottomk(10, ${successRatio('15m', 'cluster, issuer')})` }],
    },
    lateRenewals,
  ],
}

const nearest = `bottomk(20, ${safeTimeLeft})`

const single: Row = {
  title: 'Workloads and lifetimes',
  panels: [
    {
      kind: 'table',
      title: 'Nearest to expiry',
      description:
        'The twenty workloads with the smallest share of safe time left, which is from when the renewal is due to the expiry: above 100 % it is not due, from 73 % down it pages, below 0 it has expired. It compares SVIDs of all lifetimes.',
      width: 24,
      height: 10,
      columns: {
        cluster: 'Cluster',
        namespace: 'Namespace',
        pod: 'Pod',
        volume: 'Volume',
        file: 'File',
        node: 'Node',
        issuer: 'Issuer',
        spiffe_id: 'SPIFFE ID',
      },
      sortBy: 'Safe time left',
      ascending: true,
      runbooks: ['SVIDExpiringSoon', 'SVIDExpired'],
      queries: [
        { legend: 'Safe time left', unit: 'percentunit', thresholds: safeTime, expr: nearest },
        { legend: 'Expires in', unit: 's', expr: `${timeLeft} and ${nearest}` },
      ],
    },
    {
      kind: 'table',
      title: 'Lifetimes',
      description:
        'How long SVIDs live from the first to the last second (TTL), by issuer; the twenty with the most copies. Where the shortest is not what was configured, somebody asks for another duration.',
      width: 24,
      columns: { cluster: 'Cluster', trust_domain: 'Trust domain', issuer: 'Issuer' },
      sortBy: 'Copies',
      queries: [
        { legend: 'Copies', expr: `topk(20, count by (cluster, trust_domain, issuer) (${lifetime}))` },
        { legend: 'Shortest', unit: 's', expr: `bottomk(20, min by (cluster, trust_domain, issuer) (${lifetime}))` },
        {
          legend: 'Median',
          unit: 's',
          expr: `bottomk(20, quantile by (cluster, trust_domain, issuer) (0.5, ${lifetime}))`,
        },
        { legend: 'Longest', unit: 's', expr: `bottomk(20, max by (cluster, trust_domain, issuer) (${lifetime}))` },
      ],
    },
  ],
}

/** Every SVID from its issuance to its renewal. */
export const lifecycle: Dashboard = {
  name: 'lifecycle',
  title: 'SVID Lifecycle',
  description: 'How SVIDs age and are renewed, relative to their lifetime, and which ones are not.',
  variables: ['trust_domain', 'namespace'],
  valuesFrom: 'spiffe_svids',
  rows: [now, lifetimes, rotation, single],
}
