import { svidStates, type Period } from '../../identity/lifetime.ts'
import { lifetimeParts, type LifetimePart } from '../../identity/lifetimePart.ts'
import type { LedgerView } from '../../ledger/view.ts'
import type { MetricName } from '../catalogue.ts'
import type { svidMetrics } from '../catalogue/svids.ts'
import type { Guarded } from '../guard.ts'
import { labelText } from '../labelText.ts'
import type { Collector, Collectors, Snapshot } from '../snapshot.ts'
import type { SvidSeries } from '../svidSeries.ts'

const parts = Object.keys(lifetimeParts) as LifetimePart[]

/** Writes one sample for each copy of each SVID that the cardinality guard lets through. */
function forEachCopy(timesMs: (series: SvidSeries) => readonly number[]): Collector {
  return (samples, snapshot) => {
    const { series } = snapshot.surveyed()
    samples.addSeconds(series.labels, timesMs(series))
  }
}

export const svidCollectors: Collectors<Omit<typeof svidMetrics, 'svidwatch_series_dropped'>> = {
  spire_svid_expiry_seconds(samples, snapshot) {
    const { labels, notAfterMs } = snapshot.surveyed().series
    samples.addSeconds(labels, notAfterMs, snapshot.nowMs)
  },
  spire_server_ca_cert_expiry_seconds(samples, { ledger, nowMs }) {
    for (const { labels, chain } of issuingChains(ledger)) samples.add(labels, (chain.notAfterMs - nowMs) / 1000)
  },
  spiffe_ca_not_before_timestamp_seconds(samples, { ledger }) {
    for (const { labels, chain } of issuingChains(ledger)) samples.add(labels, chain.notBeforeMs / 1000)
  },
  spiffe_svid_not_after_timestamp_seconds: forEachCopy(({ notAfterMs }) => notAfterMs),
  spiffe_svid_not_before_timestamp_seconds: forEachCopy(({ notBeforeMs }) => notBeforeMs),
  spiffe_svid_renewal_due_timestamp_seconds: forEachCopy(({ renewalDueMs }) => renewalDueMs),
  spiffe_svid_last_observed_timestamp_seconds: forEachCopy(({ lastObservedMs }) => lastObservedMs),
  spiffe_svid_unreadable: (samples, snapshot) => samples.addEach(snapshot.surveyed().unreadable.labels, 1),
  spiffe_svid_drift: (samples, snapshot) => samples.addEach(snapshot.surveyed().drifts.labels, 1),
  spiffe_svid_refused: (samples, snapshot) => samples.addEach(snapshot.surveyed().refused.labels, 1),
  spiffe_svids(samples, snapshot) {
    for (const { labels, counts } of snapshot.surveyed().counted.groups) {
      const { trust_domain, namespace, copy } = labels
      for (const state of svidStates)
        samples.add(
          labelText(['trust_domain', 'namespace', 'copy', 'state'], [trust_domain, namespace, copy, state]),
          counts[state],
        )
    }
  },
  spiffe_svids_in_use(samples, snapshot) {
    for (const { labels, inUse } of snapshot.surveyed().counted.groups) {
      const { trust_domain, namespace, copy } = labels
      for (const part of parts)
        samples.add(
          labelText(['trust_domain', 'namespace', 'copy', 'left'], [trust_domain, namespace, copy, part]),
          inUse[part],
        )
    }
  },
}

/** Writes how many per-SVID series each of these families leaves out. */
export function seriesDroppedIn(families: readonly MetricName[]): Collector {
  return (samples, snapshot) => {
    for (const family of families) samples.add(labelText(['family'], [family]), guardedIn(family, snapshot).dropped)
  }
}

/** Yields the validity of the chain behind the SVIDs of each issuer whose chain is known. */
function* issuingChains(ledger: LedgerView): Iterable<{ readonly labels: string; readonly chain: Period }> {
  for (const { trust_domain, issuer, chain } of ledger.issuers())
    if (chain) yield { labels: labelText(['trust_domain', 'issuer'], [trust_domain, issuer]), chain }
}

function guardedIn(family: MetricName, snapshot: Snapshot): Pick<Guarded, 'dropped'> {
  const { unreadable, drifts, refused, series } = snapshot.surveyed()
  const others: Partial<Record<MetricName, Pick<Guarded, 'dropped'>>> = {
    spiffe_problem_since_timestamp_seconds: snapshot.problems,
    spiffe_svid_unreadable: unreadable,
    spiffe_svid_drift: drifts,
    spiffe_svid_refused: refused,
  }
  return others[family] ?? series
}
