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

/** The agents that bring SVIDs to the pods of their node. Node names come from the API, agent names from the configuration. */
export const agentMetrics = {
  spire_agent_up: {
    ...forEachAgent,
    help: '1 while a pod of the agent is ready on the node, 0 while the node should have the agent and no pod of it is ready. A node should have an agent if its pods need it, if the driver of the agent is registered on the node, or if the node had it within the last day. The value does not change while svidwatch_source_up of pods is 0. With kubernetes.namespaces, only for agents whose agents[].namespace is watched, on nodes where watched pods run.',
  },
  spire_agent_svid_count: {
    ...forEachAgent,
    help: 'Number of SVIDs that the pods of the node have from the agent. If the files of the node have been seen, these are the mounted SVIDs that can be read, expired or not; otherwise the issued SVIDs that have not expired. No series if neither is known. The value does not change while svidwatch_node_up is 0.',
  },
} as const satisfies Catalogue
