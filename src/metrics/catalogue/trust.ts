import { holderKinds } from '../../ledger/trust/view.ts'
import type { Catalogue } from './declaration.ts'

/** The most trust domains, and the most authorities of each, that have series. */
export const maxTrustDomains = 64
export const maxAuthorities = 16

const trustMetric = { type: 'gauge', stability: 'experimental', since: '0.1.0' } as const

const bounds = `${maxAuthorities} for each of ${maxTrustDomains} trust domains at most; svidwatch_without_place counts the others`

const forEachAuthority = {
  ...trustMetric,
  labels: ['trust_domain', 'authority'],
  cardinality: `one for each authority that signs SVIDs or is in a trust bundle; ${bounds}`,
  roles: ['cluster', 'standalone'],
  sources: ['nodeFindings', 'mountedSvids', 'files', 'servedSvids'],
} as const

const forEachBundle = {
  ...trustMetric,
  labels: ['bundle'],
  roles: ['cluster'],
  sources: ['trustBundles', 'clusterTrustBundles'],
} as const

/** Who has signed the SVIDs, who trusts whom, and the copies of trust bundles. All of it is as of the last time that problems were judged. */
export const trustMetrics = {
  spiffe_authority_holders: {
    ...forEachAuthority,
    help: 'Number of holders of trust bundles, by whether they have the X.509 authority. A CA that is new may sign once none of them is without it: trusting="false" is 0. A volume is that of a pod with an SVID, or a configured file; a node has the bundle that its driver wrote last; a namespace has those ConfigMaps of trustBundles.names that belong to the trust domain. A holder that cannot be seen counts as it was seen last.',
    labels: ['trust_domain', 'authority', 'holder', 'trusting'],
    cardinality: `${2 * Object.keys(holderKinds).length} (the holders, with it and without it) for each authority; ${bounds}`,
  },
  spiffe_authority_svids: {
    ...forEachAuthority,
    help: 'Number of mounted, served and configured SVIDs in use that the X.509 authority has signed and that have not expired. An old CA may leave the trust bundles once it is 0. The authority is named by its key identifier.',
  },
  spiffe_authority_signing: {
    ...forEachAuthority,
    help: '1 if the X.509 authority has signed the newest SVID of an issuer, or that of the trust domain where no issuer is known; 0 if not.',
  },
  spiffe_authority_not_after_timestamp_seconds: {
    ...forEachAuthority,
    help: 'When the certificate of the X.509 authority expires, in seconds since the Unix epoch: the last one, if trust bundles have several. No series if no trust bundle has one.',
    unit: 'seconds',
  },
  spiffe_authority_refused_pairs: {
    ...forEachAuthority,
    help: 'Number of pairs of an SVID that the X.509 authority has signed and a volume whose trust bundle lacks the authority: connections that fail.',
  },
  spiffe_trust_bundle_copies: {
    ...forEachBundle,
    help: 'Number of copies of a trust bundle in the API, by state. current: it has the certificates that most copies have. different: it has others. unreadable: no certificates can be read from it.',
    labels: ['bundle', 'state'],
    cardinality: 'three (the states) for each name in trustBundles.names and each ClusterTrustBundle',
  },
  spiffe_trust_bundle_first_not_after_timestamp_seconds: {
    ...forEachBundle,
    help: 'When the first authority expires that the copies of a trust bundle have, in seconds since the Unix epoch. Old authorities may be among them. No series if no copy can be read.',
    cardinality: 'one for each name in trustBundles.names and each ClusterTrustBundle',
    unit: 'seconds',
  },
  spiffe_trust_bundle_synced: {
    ...forEachBundle,
    help: '1 if trust-manager says that the Bundle or ClusterBundle is synced, 0 if it says that it is not. No series while it says nothing.',
    cardinality: 'one for each Bundle and ClusterBundle of trust-manager',
    sources: ['trustManagerBundles', 'trustManagerClusterBundles'],
  },
} as const satisfies Catalogue
