import { bundleProblems } from '../../ledger/bundles/reasons.ts'
import type { Catalogue } from './declaration.ts'

const bundle = {
  stability: 'stable',
  roles: ['cluster', 'standalone'],
  sources: ['bundleEndpoints'],
  since: '0.1.0',
} as const
const forEachTrustDomain = {
  ...bundle,
  labels: ['trust_domain'],
  cardinality: 'one for each trust domain in bundleEndpoints',
} as const

/** What the bundle endpoints of trust domains give. Trust domains are those of the configuration. */
export const bundleMetrics = {
  spire_bundle_refresh_timestamp: {
    ...forEachTrustDomain,
    help: 'When the trust bundle was last fetched well, in seconds since the Unix epoch. It survives a restart where totals are committed; no series before the first time.',
    type: 'gauge',
    runbook: true,
  },
  spiffe_bundle_up: {
    ...forEachTrustDomain,
    help: '1 while the last attempt to fetch the trust bundle gave one that can be used, 0 while it did not. No series before the first attempt has ended. spiffe_bundle_fetch_failures_total and /api/v1/status say why.',
    type: 'gauge',
  },
  spiffe_bundle_sequence: {
    ...forEachTrustDomain,
    help: 'The spiffe_sequence of the last good trust bundle, written exactly. Prometheus keeps it as a float, which is exact up to 2^53. No series where the bundle has none.',
    type: 'gauge',
  },
  spiffe_bundle_refresh_hint_seconds: {
    ...forEachTrustDomain,
    help: 'How often the last good trust bundle asks to be fetched, in seconds. svidwatch keeps to it between 10 s and 1 h. No series where the bundle does not say.',
    type: 'gauge',
    unit: 'seconds',
  },
  spiffe_bundle_authorities: {
    ...bundle,
    help: 'Authorities in the last good trust bundle, by what they sign; expired ones count too.',
    type: 'gauge',
    labels: ['trust_domain', 'use'],
    cardinality: 'two (the uses) for each trust domain in bundleEndpoints',
  },
  spiffe_bundle_not_after_timestamp_seconds: {
    ...forEachTrustDomain,
    help: 'When the newest X.509 authority of the last good trust bundle expires, in seconds since the Unix epoch. After it the bundle verifies no X.509-SVID; older authorities that have expired are normal. No series where it has none, as spiffe_bundle_authorities says.',
    type: 'gauge',
    unit: 'seconds',
  },
  spiffe_bundle_jwt_expiry_timestamp_seconds: {
    ...forEachTrustDomain,
    help: 'When the last JWT authority of the last good trust bundle expires, in seconds since the Unix epoch. No series unless the bundle tells the expiry of each of them; most tell none.',
    type: 'gauge',
    stability: 'experimental',
    unit: 'seconds',
  },
  spiffe_bundle_fetches_total: {
    ...forEachTrustDomain,
    help: 'Trust bundles that were fetched well since the process started.',
    type: 'counter',
  },
  spiffe_bundle_fetch_failures_total: {
    ...bundle,
    help: 'Attempts to fetch a trust bundle that gave none that can be used, since the process started, by reason.',
    type: 'counter',
    labels: ['trust_domain', 'reason'],
    cardinality: `${Object.keys(bundleProblems).length} (the reasons) for each trust domain in bundleEndpoints`,
  },
} as const satisfies Catalogue
