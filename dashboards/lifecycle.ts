import { workload } from '../alerts/labels.ts'
import { lifetimeParts } from '../src/identity/lifetimePart.ts'
import { safeTimeLevels, shareThatShouldBeAll, warnAboveNone } from './parts/thresholds.ts'
import type { Dashboard, Row } from './parts/panel.ts'
import {
  counterGain,
  inDomainAndNamespace,
  overdue,
  overdueTimeLeft,
  safeTimeLeft,
  successRatio,
  svidsInUse,
} from './parts/promql.ts'
import { expiredSvids, lateRenewals, missedRenewals, requestsForSvids } from './parts/commonPanels.ts'

/** The parts of a lifetime, from the bottom of the heatmap to its top. */
const parts = Object.keys(lifetimeParts).toReversed()

/** Returns the name of a part that people read, such as `until due: 75-100 %`. */
const partName = (part: string): string =>
  part === 'expired' ? part : `${part.replaceAll('_', ' ').replace(/ (?=\d)/, ': ')} %`

/** Lifetimes of SVIDs. Only one copy of each is read, because with many SVIDs this is the most expensive query. */
const lifetimeOf = (copies: string): string =>
  `max by (${workload}) (spiffe_svid_not_after_timestamp_seconds{${copies}, ${inDomainAndNamespace}} - spiffe_svid_not_before_timestamp_seconds{${copies}, ${inDomainAndNamespace}})`
const lifetime = `(${lifetimeOf('copy="issued"')} or ${lifetimeOf('file!=""')})`

const now: Row = {
  title: 'Now',
  panels: [
    {
      kind: 'stat',
      title: 'SVIDs in use',
      description: 'One copy of each SVID counts: the mounted one if it is known, else the issued one.',
      width: 4,
      queries: [{ legend: 'SVIDs', expr: svidsInUse() }],
    },
    {
      kind: 'stat',
      title: 'Renewal due',
      description: 'SVIDs whose renewal is due. Renewals take a moment, so a few are always due in a large fleet.',
      width: 4,
      queries: [{ legend: 'due', expr: svidsInUse(overdue) }],
    },
    missedRenewals,
    expiredSvids,
    {
      kind: 'stat',
      title: 'Rotation success',
      description: 'The share of requests for SVIDs that were issued, of all that ended within the time range.',
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
        'Requests within the time range whose annotation names another SPIFFE ID than the one they ask for. Anything but 0 is a bug in the driver, or an attempt to forge an identity.',
      width: 4,
      decimals: 0,
      thresholds: warnAboveNone,
      runbooks: ['SPIFFEIdentityMismatch'],
      queries: [
        {
          legend: 'mismatches',
          expr: counterGain('increase', 'spiffe_identity_annotation_mismatches_total', '$__range'),
        },
      ],
    },
  ],
}

const lifetimes: Row = {
  title: 'Time left until the renewal and until the expiry',
  panels: [
    {
      kind: 'heatmap',
      title: 'Time left, over time',
      description:
        'How many SVIDs have how much of their time left: of the time until their renewal is due, and then of the time from renewal due to expiry. Healthy SVIDs move down to "overdue: 75-100 %" at most, are renewed, and start again at the top. The renewal of an SVID that stays below that was missed.',
      width: 16,
      runbooks: ['SVIDExpiringSoon', 'SVIDExpired'],
      queries: parts.map((part) => ({ legend: partName(part), expr: svidsInUse(`left="${part}"`) })),
    },
    {
      kind: 'bars',
      title: 'Time left, now',
      description: 'The same, now. A renewal has to succeed in the part that is overdue.',
      width: 8,
      height: 10,
      colors: {
        'overdue: 50-75 %': 'yellow',
        'overdue: 25-50 %': 'orange',
        'overdue: 0-25 %': 'red',
        expired: 'red',
      },
      queries: parts.toReversed().map((part) => ({ legend: partName(part), expr: svidsInUse(`left="${part}"`) })),
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
      description:
        'The share of requests that were issued, of all that ended within 15 minutes: the ten issuers with the smallest share.',
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

const leastTimeLeft = `bottomk(20, ${safeTimeLeft})`

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
        { legend: 'Safe time left', unit: 'percentunit', thresholds: safeTimeLevels, expr: leastTimeLeft },
        { legend: 'Expires in', unit: 's', expr: `${overdueTimeLeft} and ${leastTimeLeft}` },
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

/** Shows SVIDs from their issuance to their renewal. */
export const lifecycle: Dashboard = {
  name: 'lifecycle',
  title: 'SVID Lifecycle',
  description: 'How SVIDs age and are renewed, relative to their lifetime, and which ones are not renewed.',
  variables: ['trust_domain', 'namespace'],
  valuesFrom: 'spiffe_svids',
  rows: [now, lifetimes, rotation, single],
}
