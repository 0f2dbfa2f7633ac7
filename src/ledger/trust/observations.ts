import type { TrustBundle } from '../../identity/trustBundle.ts'

/** The kinds of objects from which trust-manager makes copies of a trust bundle. */
export type BundleApi = 'Bundle' | 'ClusterBundle'

/** One object of trust-manager. */
export interface BundleObjectObservation {
  readonly uid: string
  readonly api: BundleApi
  readonly name: string
  /** The condition `Synced`; undefined while the object has none. */
  readonly synced?: {
    readonly is: boolean
    /** The condition's reason, as a plain name of at most 63 characters; '' if it is none. */
    readonly reason: string
    /** One line of printable text, of bounded length. */
    readonly message: string
    /** lastTransitionTime, ms since the Unix epoch; undefined if the condition has none. */
    readonly sinceMs?: number
  }
}

/** Why a copy of a trust bundle cannot be used. Codes are contracts: they are label values. */
export const bundleCopyProblems = {
  no_certificates: 'no key of the ConfigMap has a certificate in PEM',
  malformed_pem: 'a PEM block is malformed, or there are too many',
  malformed_certificate: 'a PEM block is not an X.509 certificate',
  too_large: 'the content is larger than a trust bundle should be',
} as const

export type BundleCopyProblem = keyof typeof bundleCopyProblems

/** What a copy of a trust bundle holds. `detail` is one line of printable text. */
export type BundleContent =
  { readonly bundle: TrustBundle } | { readonly problem: BundleCopyProblem; readonly detail: string }

/** One copy of a trust bundle in the API: a ConfigMap, or a ClusterTrustBundle, which has no namespace. */
export interface BundleCopyObservation {
  readonly uid: string
  /** The name of the ConfigMap or of the ClusterTrustBundle. */
  readonly name: string
  /** The namespace of the ConfigMap; '' for a ClusterTrustBundle. */
  readonly namespace: string
  readonly content: BundleContent
  /** When the object was written last, ms since the Unix epoch; undefined if the API server does not say. */
  readonly writtenMs?: number
}

/** What a source reports about objects that hold or distribute trust bundles. */
export type TrustStep =
  | { readonly kind: 'bundleObject'; readonly object: BundleObjectObservation }
  | { readonly kind: 'bundleObjectDeleted'; readonly uid: string }
  | { readonly kind: 'bundleCopy'; readonly copy: BundleCopyObservation }
  | { readonly kind: 'bundleCopyDeleted'; readonly uid: string }
