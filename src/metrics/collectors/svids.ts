import { svidStates, type SvidState } from '../../identity/lifetime.ts'
import type { SvidView } from '../../ledger/view.ts'
import { perIdentityFamilies, type MetricName } from '../catalogue.ts'
import { maxSvidGroups, type svidMetrics } from '../catalogue/svids.ts'
import type { Guarded } from '../guard.ts'
import { labelText } from '../labelText.ts'
import type { Collector, Collectors, Snapshot } from '../snapshot.ts'

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
  spiffe_svid_unreadable(samples, snapshot) {
    for (const labels of snapshot.unreadableSeries().series.keys()) samples.add(labels, 1)
  },
  spiffe_svid_drift(samples, snapshot) {
    for (const labels of snapshot.driftSeries().series.keys()) samples.add(labels, 1)
  },
  spiffe_svids(samples, snapshot) {
    for (const [values, counts] of countByState(snapshot.svids()))
      for (const state of svidStates)
        samples.add(labelText(['trust_domain', 'namespace', 'source', 'state'], [...values, state]), counts[state])
  },
  svidwatch_series_dropped(samples, snapshot) {
    for (const family of perIdentityFamilies) {
      samples.add(labelText(['family'], [family]), guardedOf(family, snapshot).dropped)
    }
  },
}

function guardedOf(family: MetricName, snapshot: Snapshot): Guarded<unknown> {
  if (family === 'spiffe_svid_unreadable') return snapshot.unreadableSeries()
  return family === 'spiffe_svid_drift' ? snapshot.driftSeries() : snapshot.svidSeries()
}

type Group = readonly [values: readonly [trustDomain: string, namespace: string, source: string], counts: Counts]
type Counts = Record<SvidState, number>

/**
 * Counts by group before any label is rendered: there are many copies and few groups. Whose requests are approved may choose
 * a trust domain, so that beyond `maxSvidGroups` no further one is named.
 */
function countByState(views: readonly SvidView[]): Iterable<Group> {
  const groups = new Map<string, Group>()
  const groupOf = (...values: Group[0]): Group => {
    const key = values.join('\0')
    const known = groups.get(key)
    if (known !== undefined) return known
    const [trustDomain, ...others] = values
    if (groups.size >= maxSvidGroups && trustDomain !== '') return groupOf('', ...others)
    const group: Group = [values, { valid: 0, renewal_overdue: 0, expired: 0 }]
    groups.set(key, group)
    return group
  }
  for (const { labels, state } of views) groupOf(labels.trust_domain, labels.namespace, labels.source)[1][state] += 1
  return groups.values()
}
