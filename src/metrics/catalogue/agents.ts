import type { Catalogue } from './declaration.ts'

const forEachAgent = {
  type: 'gauge',
  labels: ['node', 'agent'],
  cardinality: 'one for each node and each agent that it should have',
  stability: 'stable',
  roles: ['cluster'],
  since: '0.1.0',
  runbook: true,
} as const

/** The agents that bring SVIDs to the pods of their node. Nodes are those that the API names, agents those of the configuration. */
export const agentMetrics = {
  spire_agent_up: {
    ...forEachAgent,
    help: '1 while a pod of the agent is there and ready on the node, 0 while the node should have the agent and has none that is. A node should have an agent that its pods need, whose driver it has registered, or that was there within the last day. It stands still while svidwatch_source_up of pods is 0.',
  },
  spire_agent_svid_count: {
    ...forEachAgent,
    help: "SVIDs that the pods of the node have from the agent. Where the node's files have been seen, those that are mounted and can be read, expired or not; elsewhere those that are issued and have not expired. No series where nothing tells. It stands still while svidwatch_node_up is 0.",
  },
} as const satisfies Catalogue
