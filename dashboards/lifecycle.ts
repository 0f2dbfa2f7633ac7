import { workload } from '../alerts/labels.ts'
import { lifetimeParts } from '../src/identity/lifetimePart.ts'
import { lateRenewals, missedRenewals, missedRenewalsTable, requestsForSvids } from './parts/commonPanels.ts'
import { copiesRow } from './parts/copies.ts'
import { marksOfSvids } from './parts/marks.ts'
import { shareThatShouldBeAll, warnAboveNone } from './parts/thresholds.ts'
import type { Dashboard, Row } from './parts/panel.ts'
import {
  countOf,
  counterGain,
  inDomainAndNamespace,
  orZero,
  overdue,
  problems,
  seesSvids,
  smallestAtEnd,
  successRatio,
  svidsInUse,
} from './parts/promql.ts'

/** The parts of a lifetime, from the bottom of the heatmap to its top. */
const parts = Object.keys(lifetimeParts).toReversed()

/** Returns the name of a part that people read, such as `early 75-100 %`, and `late 75-100 %` once the renewal is due. */
const partName = (part: string): string =>
  part === 'expired' ? part : `${part.replace('until_due_', 'early ').replace('overdue_', 'late ')} %`

/** Lifetimes of SVIDs. Only one copy of each is read, because with many SVIDs this is the most expensive query. */
const lifetimeOf = (copies: string): string =>
  `max by (${workload}) (spiffe_svid_not_after_timestamp_seconds{${copies}, ${inDomainAndNamespace}} - spiffe_svid_not_before_timestamp_seconds{${copies}, ${inDomainAndNamespace}})`
const lifetime = `(${lifetimeOf('copy="issued"')} or ${lifetimeOf('file!=""')})`

const missed = orZero(countOf(problems(['renewal_missed', 'expired'], inDomainAndNamespace), workload), seesSvids)

const now: Row = {
  title: 'Now',
  panels: [
    {
      kind: 'stat',
      title: 'Renewed on time',
      description:
        'The share of SVIDs in use whose renewal was not missed. SVIDs that wait for an issuer in trouble lower it, and so do expired ones.',
      width: 3,
      unit: 'percentunit',
      decimals: 1,
      thresholds: shareThatShouldBeAll,
      leadsTo: 'rotation',
      runbooks: ['SVIDExpiringSoon', 'SVIDIssuanceDown'],
      queries: [{ legend: 'on time', expr: `clamp_min(1 - (${missed}) / (${svidsInUse()} > 0), 0)` }],
    },
    missedRenewals(inDomainAndNamespace, 4),
    {
      kind: 'stat',
      title: 'SVIDs in use',
      description: 'One copy of each SVID counts: the mounted one if it is known, else the issued one.',
      width: 3,
      leadsTo: 'coverage',
      queries: [{ legend: 'SVIDs', expr: svidsInUse() }],
    },
    {
      kind: 'stat',
      title: 'Renewal due',
      description: 'SVIDs whose renewal is due. Renewals take a moment, so a few are always due in a large fleet.',
      width: 3,
      queries: [{ legend: 'due', expr: svidsInUse(overdue) }],
    },
    {
      kind: 'stat',
      title: 'Issued, of those answered',
      description:
        'The share of requests for SVIDs that were issued, of all that were issued, denied or failed within the time range. Requests that wait are not part of it, so an outage does not lower it.',
      width: 6,
      unit: 'percentunit',
      decimals: 1,
      runbooks: ['SPIREAttestationFailureSpike'],
      queries: [{ legend: 'issued', expr: successRatio('$__range') }],
    },
    {
      kind: 'stat',
      title: 'Forged identities',
      description:
        'Requests within the time range whose annotation names another SPIFFE ID than the one they ask for. Anything but 0 is a bug in the driver, or an attempt to forge an identity.',
      width: 5,
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
        'How many SVIDs have how much of their time left: "early" is the time until their renewal is due, "late" the time from then to the expiry. Healthy SVIDs move down to "late 75-100 %" at most, are renewed, and start again at the top. The renewal of an SVID that stays below that was missed. The graph of late renewals tells how many there are.',
      width: 16,
      height: 9,
      runbooks: ['SVIDExpiringSoon', 'SVIDExpired'],
      queries: parts.map((part) => ({ legend: partName(part), expr: svidsInUse(`left="${part}"`) })),
    },
    {
      kind: 'bars',
      title: 'Time left, now',
      description: 'The same, now. A renewal that comes late still has to come before the expiry.',
      width: 8,
      height: 9,
      decimals: 0,
      colors: {
        'late 50-75 %': 'yellow',
        'late 25-50 %': 'orange',
        'late 0-25 %': 'red',
        expired: 'red',
      },
      queries: parts.toReversed().map((part) => ({ legend: partName(part), expr: svidsInUse(`left="${part}"`) })),
    },
  ],
}

const single: Row = { title: 'Renewals that were missed', panels: [missedRenewalsTable(inDomainAndNamespace, 20)] }

const rotation: Row = {
  title: 'Rotation',
  panels: [
    requestsForSvids,
    {
      kind: 'graph',
      title: 'Issued, of those answered',
      description:
        'The share of requests that were issued, of all that were answered within 15 minutes: the ten issuers with the smallest share now. An issuer that answers nothing is not in it.',
      width: 8,
      unit: 'percentunit',
      min: 0,
      max: 1,
      shades: 'blue',
      thresholds: {
        base: 'red',
        from: [[0.9, 'text']],
      },
      runbooks: ['SPIREAttestationFailureSpike'],
      queries: [{ legend: '{{cluster}} {{issuer}}', expr: smallestAtEnd(10, successRatio('15m', 'cluster, issuer')) }],
    },
    lateRenewals,
  ],
}

const ttls: Row = {
  title: 'Lifetimes',
  panels: [
    {
      kind: 'table',
      title: 'Lifetimes (TTL)',
      description:
        'The validity of issued SVIDs and configured files, in whole minutes; the twenty most frequent. If an issuer dates certificates back, that time is part of it. A lifetime that you have not configured was requested by somebody else.',
      width: 24,
      height: 7,
      columns: { lifetime: 'Lifetime', cluster: 'Cluster', trust_domain: 'Trust domain', issuer: 'Issuer' },
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
  marked: marksOfSvids,
  rows: [now, lifetimes, single, copiesRow(inDomainAndNamespace), rotation, ttls],
}
