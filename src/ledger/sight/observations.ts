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
  'mountedSvids',
  'files',
] as const

export type SourceName = (typeof sourceNames)[number]

/**
 * The sources of custom resources, with the name of each CRD. A cluster in which a CRD was never installed is as it should be, but
 * a CRD that disappears takes away what the source sees.
 */
export const customResources: Readonly<Partial<Record<SourceName, string>>> = {
  certificateRequests: 'certificaterequests.cert-manager.io',
}

/**
 * The position of a source in the history of the Kubernetes objects that it watches. A list comes as `listing`, the objects, and
 * `listed`: objects that were known before and did not come again are gone. `resourceVersion` is how far the source has seen the
 * history.
 */
export type HistoryStep =
  | { readonly kind: 'listing'; readonly source: SourceName }
  | { readonly kind: 'listed'; readonly source: SourceName; readonly resourceVersion: string }
  | { readonly kind: 'progress'; readonly source: SourceName; readonly resourceVersion: string }

/** What a source reports about itself: whether it sees its system, and which inputs it refused. */
export type SourceStep =
  /** The source sees its system: for the first time, or again after trouble. */
  | { readonly kind: 'contact'; readonly source: SourceName }
  /** The source cannot see its system at present. Its earlier observations stay, with their age. */
  | { readonly kind: 'trouble'; readonly source: SourceName; readonly reason: TroubleReason; readonly detail: string }
  /** The CRD of the source is not installed. Trouble if it was before, `not_found`. */
  | { readonly kind: 'absent'; readonly source: SourceName; readonly detail: string }
  /** One input was refused, and affects nothing else. `where` names the object or file. */
  | {
      readonly kind: 'rejected'
      readonly source: SourceName
      readonly reason: RejectionReason
      readonly where: string
      readonly detail: string
    }
