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
 * Where a source stands in the history of the Kubernetes objects that it watches. A list comes as `listing`, the objects, and
 * `listed`: what was known before and did not come again is gone. `resourceVersion` is how far the source has seen the history.
 */
export type HistoryStep =
  | { readonly kind: 'listing'; readonly source: SourceName }
  | { readonly kind: 'listed'; readonly source: SourceName; readonly resourceVersion: string }
  | { readonly kind: 'progress'; readonly source: SourceName; readonly resourceVersion: string }

/** What a source reports of itself: whether it sees its system, and what it refused. */
export type SourceStep =
  /** The source sees its system: its first look has concluded, or it is back after trouble. */
  | { readonly kind: 'contact'; readonly source: SourceName }
  /** The source cannot see its system at present; what it reported before stays, with its age. */
  | { readonly kind: 'trouble'; readonly source: SourceName; readonly reason: TroubleReason; readonly detail: string }
  /** One input was refused; it costs nothing else. `where` names the object or file. */
  | {
      readonly kind: 'rejected'
      readonly source: SourceName
      readonly reason: RejectionReason
      readonly where: string
      readonly detail: string
    }
