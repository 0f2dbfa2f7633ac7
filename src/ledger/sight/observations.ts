import type { RejectionReason, TroubleReason } from './reasons.ts'

/** The real systems that svidwatch watches. */
export const sourceNames = [
  'certificateRequests',
  'pods',
  'namespaces',
  'nodes',
  'csiNodes',
  'nodeFindings',
  'bundleEndpoints',
  'trustManagerBundles',
  'trustManagerClusterBundles',
  'trustBundles',
  'clusterTrustBundles',
  'servedSvids',
  'mountedSvids',
  'files',
] as const

export type SourceName = (typeof sourceNames)[number]

/** The sources that can watch namespaces one by one, for want of rights in the whole cluster. */
export const namespacedSources = [
  'certificateRequests',
  'pods',
  'trustBundles',
] as const satisfies readonly SourceName[]

/** What one watch of a source sees: the namespace with this name, or `wholeCluster`. */
export type Part = string
export const wholeCluster: Part = ''

/** What a source watches by itself: one namespace, the objects of one name, or both. Without them, it is everything. */
export interface WatchedPart {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
}

/**
 * The sources of custom resources, with the name of each CRD. A cluster in which a CRD was never installed is as it should be, but
 * a CRD that disappears takes away what the source sees.
 */
export const customResources: Readonly<Partial<Record<SourceName, string>>> = {
  certificateRequests: 'certificaterequests.cert-manager.io',
  trustManagerBundles: 'bundles.trust.cert-manager.io',
  trustManagerClusterBundles: 'clusterbundles.trust-manager.io',
}

/**
 * The position of a source in the history of the Kubernetes objects that it watches. A list comes as `listing`, the objects, and
 * `listed`: objects that were known before and did not come again are gone. `resourceVersion` is how far the source has seen the
 * history. A source that watches namespaces or objects one by one names the `namespace` and the object's `name`, and the step is about
 * the objects in it.
 */
export type HistoryStep = { readonly source: SourceName } & WatchedPart &
  (
    | { readonly kind: 'listing' }
    | { readonly kind: 'listed'; readonly resourceVersion: string }
    | { readonly kind: 'progress'; readonly resourceVersion: string }
    /** An object was listed that cannot be read. It is not gone: what is known of it stays. */
    | { readonly kind: 'unread'; readonly uid: string }
  )

/**
 * What a source reports about itself: whether it sees its system, and which inputs it refused. Contact and trouble are those of one
 * `namespace`, and of the objects of one `name`, if they are given, otherwise those of everything that the source watches.
 */
export type SourceStep =
  /** The source sees its system: for the first time, or again after trouble. */
  | ({ readonly kind: 'contact'; readonly source: SourceName } & WatchedPart)
  /** The source cannot see its system at present. Its earlier observations stay, with their age. */
  | ({
      readonly kind: 'trouble'
      readonly source: SourceName
      readonly reason: TroubleReason
      readonly detail: string
    } & WatchedPart)
  /** The CRD of the source is not installed. Trouble if it was before, `not_found`. */
  | ({ readonly kind: 'absent'; readonly source: SourceName; readonly detail: string } & WatchedPart)
  /** One input was refused, and affects nothing else. `where` names the object or file. */
  | {
      readonly kind: 'rejected'
      readonly source: SourceName
      readonly reason: RejectionReason
      readonly where: string
      readonly detail: string
    }
  /** So many of the things that the source watches have no place at present, and are not watched. */
  | { readonly kind: 'withoutPlace'; readonly source: SourceName; readonly count: number }
