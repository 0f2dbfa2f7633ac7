import { workload } from '../alerts/labels.ts'
import { lifetimeParts } from '../src/identity/lifetimePart.ts'
import { safeTime, shareThatShouldBeAll, warnAboveNone } from './parts/levels.ts'
import type { Dashboard, Row } from './parts/panel.ts'
import { gained, inBoth, overdue, overdueTimeLeft, safeTimeLeft, successRatio, svids } from './parts/promql.ts'
import { expiredSvids, lateRenewals, missedRenewals, requestsForSvids } from './parts/shared.ts'

/** From the bottom of the heatmap to its top. */
const parts = Object.keys(lifetimeParts).toReversed()

/** `until due: 75-100 %` */
const nameOf = (part: string): string =>
  part === 'expired' ? part : `${part.replaceAll('_', ' ').replace(/ (?=\d)/, ': ')} %`

/** Of one copy for each workload: lifetimes cost more than all else where there are many SVIDs. */
const one = (copies: string): string =>
  `max by (${workload}) (spiffe_svid_not_after_timestamp_seconds{${copies}, ${inBoth}} - spiffe_svid_not_before_timestamp_seconds{${copies}, ${inBoth}})`
const lifetime = `(${one('copy="issued"')} or ${one('file!=""')})`

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
      description: 'SVIDs whose renewal is due. Renewals take a moment, so a few are always due in a large fleet.',
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
  title: 'How much is left until the renewal, and until the expiry',
  panels: [
    {
      kind: 'heatmap',
      title: 'Time left, over time',
      description:
        'How many SVIDs have how much of their lifetime left, in percent. Healthy SVIDs move down until a third is left, are renewed, and start again at the top. The renewal of an SVID that stays below "25-33 %" was missed.',
      width: 16,
      runbooks: ['SVIDExpiringSoon', 'SVIDExpired'],
      queries: parts.map((part) => ({ legend: nameOf(part), expr: svids(`left="${part}"`) })),
    },
    {
      kind: 'bars',
      title: 'Lifetime left, now',
      description: 'The same, now. The part below a third is the time in which a renewal has to succeed.',
      width: 8,
      height: 10,
      colors: {
        'overdue: 50-75 %': 'yellow',
        'overdue: 25-50 %': 'orange',
        'overdue: 0-25 %': 'red',
        expired: 'red',
      },
      queries: parts.toReversed().map((part) => ({ legend: nameOf(part), expr: svids(`left="${part}"`) })),
    },
  ],
}

const rotation: Row = {
  title: 'Rotation',
  panels: [
    requestsForSvids,
    {
      kind: 'graph',
      title: 'Rotation success',
      description: 'The share of requests that were issued, within 15 minutes, of the ten issuers with the smallest.',
      width: 8,
      unit: 'percentunit',
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
      title: 'Due for renewal, nearest to expiry',
      description:
        'The twenty workloads with the smallest share of safe time left, which is the time from renewal due to expiry. A workload pages from 73 % down, and has expired below 0. The table compares SVIDs of all lifetimes, and is empty or short in a healthy fleet. It needs the rules to be loaded.',
      width: 24,
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
        { legend: 'Expires in', unit: 's', expr: `${overdueTimeLeft} and ${nearest}` },
      ],
    },
    {
      kind: 'table',
      title: 'Lifetimes (TTL)',
      description:
        'The validity of issued SVIDs and configured files, in whole minutes; the twenty most frequent. If an issuer dates certificates back, that time is part of it. A lifetime that you have not configured was requested by somebody else.',
      width: 24,
      height: 7,
      columns: { cluster: 'Cluster', trust_domain: 'Trust domain', issuer: 'Issuer', lifetime: 'Lifetime' },
      labelUnits: { lifetime: 's' },
      sortBy: 'SVIDs',
      queries: [
        {
          legend: 'SVIDs',
          expr: `topk(20, count_values by (cluster, trust_domain, issuer) ("lifetime", round(${lifetime}, 60)))`,
        },
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
