import type { TroubleReason } from '../sight/reasons.ts'
import type { SightView } from '../sight/view.ts'

/** The node role of one node. It is up while it answers and sees its node's files. */
export interface NodeRoleView extends SightView<TroubleReason> {
  readonly node: string
  /** The number of its findings. */
  readonly findings: number
  /** How many of its findings are refused because the API places the pod on another node. */
  readonly refused: number
}

/** An agent that a node should have. */
export interface AgentView {
  readonly node: string
  readonly agent: string
  /** A pod of the agent on the node is Ready. */
  readonly up: boolean
  /** How many SVIDs the pods of the node have from the agent; undefined if that is not known. */
  readonly svids?: number
}
