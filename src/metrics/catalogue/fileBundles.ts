import type { Catalogue } from './declaration.ts'

const forEachBundle = { type: 'gauge', roles: ['cluster', 'standalone'], sources: ['files'], since: '0.1.0' } as const

/** The trust bundles that are configured with certificate files. */
export const fileBundleMetrics = {
  spiffe_file_bundle_not_after_timestamp_seconds: {
    ...forEachBundle,
    help: 'When the last authority expires in the trust bundle that is configured with a certificate file, in seconds since the Unix epoch. After that, the bundle verifies nothing. No series for a bundle that was never read.',
    labels: ['file'],
    stability: 'stable',
    cardinality: 'one for each configured file with a bundle',
    unit: 'seconds',
  },
  spiffe_file_bundle_unreadable: {
    ...forEachBundle,
    help: '1 while the trust bundle that is configured with a certificate file cannot be read; the label reason says why. The SVID in the file is not verified meanwhile.',
    labels: ['file', 'reason'],
    stability: 'experimental',
    cardinality: 'one for each configured file whose bundle cannot be read',
  },
} as const satisfies Catalogue
