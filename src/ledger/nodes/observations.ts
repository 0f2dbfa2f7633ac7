import type { TroubleReason } from '../sight/reasons.ts'

/** One node of the cluster. */
export interface NodeObservation {
  readonly uid: string
  readonly name: string
}

/** The CSI drivers that a node's kubelet has registered. */
export interface CsiNodeObservation {
  readonly uid: string
  /** The node's name. */
  readonly name: string
  /** The names of the agents whose drivers are registered. */
  readonly agents: readonly string[]
}

/**
 * What a source reports about the node role of one node. All its findings come between `findingsListing` and `findingsListed`: a
 * volume that does not come again is unmounted.
 */
export type NodeStep =
  | { readonly kind: 'findingsListing'; readonly node: string }
  | { readonly kind: 'findingsListed'; readonly node: string }
  /** The node role has answered, and it sees its node's files. */
  | { readonly kind: 'nodeContact'; readonly node: string }
  /** The node role does not answer, or reports that it cannot see its node's files. Its findings stay, with their age. */
  | { readonly kind: 'nodeTrouble'; readonly node: string; readonly reason: TroubleReason; readonly detail: string }
  /** No node role offers findings for this node any more. */
  | { readonly kind: 'nodeEndpointGone'; readonly node: string }

/** What a source reports about the nodes of the cluster. */
export type NodeObjectStep =
  | { readonly kind: 'node'; readonly node: NodeObservation }
  | { readonly kind: 'nodeDeleted'; readonly uid: string }
  | { readonly kind: 'csiNode'; readonly csiNode: CsiNodeObservation }
  | { readonly kind: 'csiNodeDeleted'; readonly uid: string }
