import type { TroubleReason } from '../sight/reasons.ts'

/** One node of the cluster. */
export interface NodeObservation {
  readonly uid: string
  readonly name: string
}

/** Which CSI drivers a node's kubelet has registered. */
export interface CsiNodeObservation {
  readonly uid: string
  /** The node's name. */
  readonly name: string
  /** The agents, by name, whose drivers are among them. */
  readonly agents: readonly string[]
}

/**
 * How it goes with the node role of one node. All that it knows comes between `findingsListing` and `findingsListed`: what it
 * had found before and does not come again is unmounted.
 */
export type NodeStep =
  | { readonly kind: 'findingsListing'; readonly node: string }
  | { readonly kind: 'findingsListed'; readonly node: string }
  /** It is heard, and it sees its node's files. */
  | { readonly kind: 'nodeContact'; readonly node: string }
  /** It is not heard, or it says that it cannot see its node's files; what it found stays, with its age. */
  | { readonly kind: 'nodeTrouble'; readonly node: string; readonly reason: TroubleReason; readonly detail: string }
  /** Nobody offers findings for this node any more. */
  | { readonly kind: 'nodeEndpointGone'; readonly node: string }

/** What a source reports of the nodes that the API has. */
export type NodeObjectStep =
  | { readonly kind: 'node'; readonly node: NodeObservation }
  | { readonly kind: 'nodeDeleted'; readonly uid: string }
  | { readonly kind: 'csiNode'; readonly csiNode: CsiNodeObservation }
  | { readonly kind: 'csiNodeDeleted'; readonly uid: string }
