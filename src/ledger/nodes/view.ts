import type { TroubleReason } from '../sight/reasons.ts'
import type { SightView } from '../sight/view.ts'

/** The node role of one node, as it is followed. It is up while it is heard and sees its node's files. */
export interface NodeRoleView extends SightView<TroubleReason> {
  readonly node: string
  /** How many of its findings are held, and how many of them are refused because the API places the pod elsewhere. */
  readonly findings: number
  readonly refused: number
}

/** The agent that a node should have. */
export interface AgentView {
  readonly node: string
  readonly agent: string
  /** A pod of the agent is there and Ready. */
  readonly up: boolean
  /** How many SVIDs the pods of the node hold from it; undefined where nothing tells. */
  readonly svids?: number
}
