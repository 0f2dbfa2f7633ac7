import { lastEndMs } from '../../identity/spiffeBundle.ts'
import type { BundleView } from '../../ledger/bundles/view.ts'
import type { bundleMetrics } from '../catalogue/bundles.ts'
import { labelText } from '../labelText.ts'
import type { Collector, Collectors } from '../snapshot.ts'

/** Writes one sample for each bundle endpoint that has a value. */
function forEachEndpoint(value: (view: BundleView) => number | bigint | undefined): Collector {
  return (samples, { ledger }) => {
    for (const view of ledger.bundles()) {
      const sample = value(view)
      if (sample !== undefined) samples.add(labelText(['trust_domain'], [view.endpoint.trustDomain]), sample)
    }
  }
}

export const bundleCollectors: Collectors<typeof bundleMetrics> = {
  spire_bundle_refresh_timestamp: forEachEndpoint(({ lastContactMs }) => seconds(lastContactMs)),
  spiffe_bundle_up: forEachEndpoint(({ concluded, up }) => {
    if (!concluded) return undefined
    return up ? 1 : 0
  }),
  spiffe_bundle_sequence: forEachEndpoint(({ bundle }) => bundle?.sequence),
  spiffe_bundle_refresh_hint_seconds: forEachEndpoint(({ bundle }) => seconds(bundle?.refreshHintMs)),
  spiffe_bundle_authorities(samples, { ledger }) {
    for (const { endpoint, bundle } of ledger.bundles()) {
      if (bundle === undefined) continue
      const textOf = (use: string) => labelText(['trust_domain', 'use'], [endpoint.trustDomain, use])
      samples.add(textOf('x509-svid'), bundle.x509Authorities.length)
      samples.add(textOf('jwt-svid'), bundle.jwtAuthorities.length)
    }
  },
  spiffe_bundle_not_after_timestamp_seconds: forEachEndpoint(({ bundle }) => seconds(bundle && lastEndMs(bundle))),
  spiffe_bundle_jwt_expiry_timestamp_seconds: forEachEndpoint(({ bundle }) =>
    seconds(latest(bundle?.jwtAuthorities.map(({ expiresMs }) => expiresMs))),
  ),
  spiffe_bundle_fetches_total: forEachEndpoint(({ fetches }) => fetches),
  spiffe_bundle_fetch_failures_total(samples, { ledger }) {
    for (const { endpoint, failures } of ledger.bundles())
      for (const [reason, count] of failures)
        samples.add(labelText(['trust_domain', 'reason'], [endpoint.trustDomain, reason]), count)
  },
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000
}

/** Returns the latest time, or undefined if there is no time or one of them is unknown. */
function latest(timesMs: readonly (number | undefined)[] = []): number | undefined {
  const known = timesMs.filter((timeMs) => timeMs !== undefined)
  return known.length === 0 || known.length < timesMs.length ? undefined : Math.max(...known)
}
