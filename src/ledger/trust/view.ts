import type { TrustBundle } from '../../identity/trustBundle.ts'
import type { BundleApi, BundleObjectObservation } from './observations.ts'

/** What holds a trust bundle. */
export const holderKinds = {
  volume: 'a volume of a pod with the trust bundle beside the SVID, or a configured file with its bundle',
  node: 'a node, by the bundle in the volume that got the newest SVID there',
  namespace: 'a namespace, by its ConfigMaps that `trustBundles.names` lists',
} as const

export type HolderKind = keyof typeof holderKinds

/** How many holders of one kind there are, and how many of them have an authority, as of when each was last seen. */
export interface Holders {
  readonly total: number
  readonly trusting: number
  /** The names of those that lack it, 10 at most, in ascending order. A volume is `namespace/pod/volume`. */
  readonly lacking: readonly string[]
}

/**
 * The connections that fail because volumes lack an authority. A pair of an SVID and a volume counts only if each was seen some seconds
 * after the other was known: what was not seen since may have changed.
 */
export interface RefusedAuthority {
  /** The pairs of an SVID that the authority has signed and a volume that lacks it. */
  readonly pairs: number
  /** The volumes, and whether they are of more than one pod. */
  readonly volumes: number
  readonly areSeveralPods: boolean
  /** Since when one of its SVIDs is refused by the bundle beside it, ms since the Unix epoch; undefined if none is, or nobody knows. */
  readonly ownSinceMs: number | undefined
  /**
   * The notBefore of the newest authority in a bundle that lacks it, ms since the Unix epoch: the smallest of them. What is older than that
   * has been replaced in all of these bundles.
   */
  readonly newestBesideMs: number
}

/** One X.509 authority of a trust domain: a key that signs SVIDs, or that a trust bundle has. Times are ms since the Unix epoch. */
export interface AuthorityView {
  /** See Authority.keyId. */
  readonly keyId: string
  /** The validity of its certificate that ends last; undefined if no trust bundle has one. */
  readonly notBeforeMs: number | undefined
  readonly notAfterMs: number | undefined
  /** The number of mounted, served and configured SVIDs that it has signed and that had not expired when they were last seen. */
  readonly svids: number
  /** When the first and the last of them became valid, and when the last one expires; undefined if there is none. */
  readonly oldestSvidMs: number | undefined
  readonly newestSvidMs: number | undefined
  readonly lastSvidEndsMs: number | undefined
  /** It has signed the newest SVID of an issuer or, if no issuer of the trust domain is known, that of the trust domain. */
  readonly signs: boolean
  readonly holders: Readonly<Record<HolderKind, Holders>>
  readonly refused: RefusedAuthority | undefined
}

/** The authorities of one trust domain, and the bundles of its nodes. */
export interface TrustDomainView {
  readonly trustDomain: string
  /** First those that are in use, then those that most volumes and namespaces have. */
  readonly authorities: readonly AuthorityView[]
  /** The bundles that the nodes got last, of those nodes that can be seen. */
  readonly nodes: CopiesView
}

/** Names, 10 at most, in ascending order, and how many there are. */
export interface SomeNames {
  readonly count: number
  readonly first: readonly string[]
}

/** Copies of one trust bundle that should be equal. */
export interface CopiesView {
  /** How many have the certificates that most have. */
  readonly current: number
  readonly different: SomeNames
  /** Those from which no certificates can be read. */
  readonly unreadable: SomeNames
  /** When the last of the copies has changed, as far as this process has seen it, ms since the Unix epoch. */
  readonly changedMs: number
  /** Each of those that differ has all certificates of the current ones and others, or some of them and no others. */
  readonly areNested: boolean
  /** The certificates that most have; undefined if no copy can be read. */
  readonly bundle: TrustBundle | undefined
}

/** The copies of one trust bundle in the API, by name: one in each namespace, or the only one outside of namespaces. */
export interface BundleCopiesView extends CopiesView {
  readonly name: string
  /** The namespaces by the bundle that their copy holds; undefined: it cannot be read. */
  readonly namespaces: ReadonlyMap<string, TrustBundle | undefined>
  /** When the first authority of `bundle` expires, ms since the Unix epoch. */
  readonly firstEndMs: number | undefined
}

/** A bundle by name, with the trust domains whose SVIDs an authority of most of its copies signs, or has signed since this process began. */
export interface BundleOfTrustDomains extends BundleCopiesView {
  readonly trustDomains: readonly string[]
}

/** What one walk over all SVIDs has found. */
export interface TrustView {
  readonly domains: readonly TrustDomainView[]
  readonly bundles: readonly BundleOfTrustDomains[]
}

export const nothingOfTrust: TrustView = { domains: [], bundles: [] }

/** One object of trust-manager. */
export type BundleObjectView = Omit<BundleObjectObservation, 'uid'>

/** Returns the name of an object of trust-manager in labels: `Bundle/name`. */
export const bundleObjectName = ({ api, name }: { readonly api: BundleApi; readonly name: string }): string =>
  `${api}/${name}`
