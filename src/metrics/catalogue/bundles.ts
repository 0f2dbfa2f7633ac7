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

/** The trust bundles that bundle endpoints serve. Trust domains are those of the configuration, never what a bundle says. */
export const bundleMetrics = {
  spire_bundle_refresh_timestamp: {
    ...forEachTrustDomain,
    help: 'When the trust bundle was last fetched successfully, in seconds since the Unix epoch. It survives a restart where totals are committed. No series before the first success.',
    type: 'gauge',
    runbook: true,
  },
  spiffe_bundle_up: {
    ...forEachTrustDomain,
    help: '1 if the last attempt to fetch the trust bundle returned a usable one, 0 if it did not. spiffe_bundle_fetch_failures_total and /api/v1/status have the reason. No series before the first attempt has ended.',
    type: 'gauge',
  },
  spiffe_bundle_sequence: {
    ...forEachTrustDomain,
    help: 'The spiffe_sequence of the last usable trust bundle, written exactly. Prometheus stores it as a float, which is exact up to 2^53. No series if the bundle has none.',
    type: 'gauge',
  },
  spiffe_bundle_refresh_hint_seconds: {
    ...forEachTrustDomain,
    help: 'The spiffe_refresh_hint of the last usable trust bundle: the interval at which it should be fetched, in seconds. svidwatch follows it between 10 s and 1 h. No series if the bundle has none.',
    type: 'gauge',
    unit: 'seconds',
  },
  spiffe_bundle_authorities: {
    ...bundle,
    help: 'Number of authorities in the last usable trust bundle, by what they sign. Expired authorities are included.',
    type: 'gauge',
    labels: ['trust_domain', 'use'],
    cardinality: 'two (the uses) for each trust domain in bundleEndpoints',
  },
  spiffe_bundle_not_after_timestamp_seconds: {
    ...forEachTrustDomain,
    help: 'When the X.509 authority of the last usable trust bundle that expires last does so, in seconds since the Unix epoch. After that the bundle verifies no X.509-SVID. Older authorities that have expired are normal. No series if the bundle has no X.509 authority.',
    type: 'gauge',
    unit: 'seconds',
  },
  spiffe_bundle_jwt_expiry_timestamp_seconds: {
    ...forEachTrustDomain,
    help: 'When the JWT authority of the last usable trust bundle that expires last does so, in seconds since the Unix epoch. No series unless the bundle has an expiry for each JWT authority; most bundles have none.',
    type: 'gauge',
    stability: 'experimental',
    unit: 'seconds',
  },
  spiffe_bundle_fetches_total: {
    ...forEachTrustDomain,
    help: 'Successful fetches of the trust bundle since the process started.',
    type: 'counter',
  },
  spiffe_bundle_fetch_failures_total: {
    ...bundle,
    help: 'Failed attempts to fetch a usable trust bundle since the process started, by reason.',
    type: 'counter',
    labels: ['trust_domain', 'reason'],
    cardinality: `${Object.keys(bundleProblems).length} (the reasons) for each trust domain in bundleEndpoints`,
  },
} as const satisfies Catalogue
