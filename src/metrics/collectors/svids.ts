import type { SvidLabels, SvidView } from '../../ledger/view.ts'
import { perIdentityFamilies } from '../catalogue.ts'
import type { svidMetrics } from '../catalogue/svids.ts'
import { labelText } from '../labelText.ts'
import type { Collector, Collectors } from '../snapshot.ts'

type SvidState = SvidView['state']

const states: readonly SvidState[] = ['valid', 'renewal_overdue', 'expired']

/** One sample for each copy of each SVID that the cardinality guard lets through. `value` is in milliseconds. */
function forEachCopy(value: (view: SvidView, nowMs: number) => number): Collector {
  return (samples, snapshot) => {
    for (const [labels, view] of snapshot.svidSeries().series) samples.add(labels, value(view, snapshot.nowMs) / 1000)
  }
}

export const svidCollectors: Collectors<typeof svidMetrics> = {
  spire_svid_expiry_seconds: forEachCopy(({ svid }, nowMs) => svid.notAfterMs - nowMs),
  spire_server_ca_cert_expiry_seconds(samples, { ledger, nowMs }) {
    for (const { trust_domain, issuer, chainNotAfterMs } of ledger.issuers())
      samples.add(labelText(['trust_domain', 'issuer'], [trust_domain, issuer]), (chainNotAfterMs - nowMs) / 1000)
  },
  spiffe_svid_not_after_timestamp_seconds: forEachCopy(({ svid }) => svid.notAfterMs),
  spiffe_svid_not_before_timestamp_seconds: forEachCopy(({ svid }) => svid.notBeforeMs),
  spiffe_svid_renewal_due_timestamp_seconds: forEachCopy((view) => view.renewalDueMs),
  spiffe_svid_last_observed_timestamp_seconds: forEachCopy((view) => view.lastObservedMs),
  spiffe_svid_drift(samples, snapshot) {
    for (const labels of snapshot.driftSeries().series.keys()) samples.add(labels, 1)
  },
  spiffe_svids(samples, snapshot) {
    for (const { labels, counts } of countByState(snapshot.svids()))
      for (const state of states) {
        const values = [labels.trust_domain, labels.namespace, labels.source, state]
        samples.add(labelText(['trust_domain', 'namespace', 'source', 'state'], values), counts[state])
      }
  },
  svidwatch_series_dropped(samples, snapshot) {
    for (const family of perIdentityFamilies) {
      const { dropped } = family === 'spiffe_svid_drift' ? snapshot.driftSeries() : snapshot.svidSeries()
      samples.add(labelText(['family'], [family]), dropped)
    }
  },
}

/** Copies of one trust domain, namespace and source. */
interface Group {
  readonly labels: SvidLabels
  readonly counts: Record<SvidState, number>
}

/** Counts by group before any label is rendered: there are many copies and few groups. */
function countByState(views: readonly SvidView[]): Iterable<Group> {
  const groups = new Map<string, Group>()
  for (const { labels, state } of views) {
    const key = `${labels.trust_domain}\0${labels.namespace}\0${labels.source}`
    const group = groups.get(key) ?? { labels, counts: { valid: 0, renewal_overdue: 0, expired: 0 } }
    group.counts[state] += 1
    groups.set(key, group)
  }
  return groups.values()
}
