import type { Catalogue } from './declaration.ts'

const forEachNode = {
  type: 'gauge',
  labels: ['node'],
  stability: 'stable',
  cardinality: 'one for each node whose node role is followed',
  roles: ['cluster'],
  sources: ['nodeFindings'],
  since: '0.1.0',
} as const

/** The state of the node roles that are followed. Node names come from the API, never from a node role. */
export const nodeRoleMetrics = {
  svidwatch_node_up: {
    ...forEachNode,
    help: '1 while the node role of the node is connected and sees the files of its node, 0 while it is silent or blind; /api/v1/status has the reason. Its findings are kept meanwhile, with their age. No series for a node on which no node role was found since the start, or, with kubernetes.namespaces, on which no watched pod runs.',
  },
  svidwatch_node_last_contact_timestamp_seconds: {
    ...forEachNode,
    help: 'When the node role of the node last confirmed that it sees the files of its node, in seconds since the Unix epoch. It confirms this every 5 s. No series for a node role that was never heard.',
    unit: 'seconds',
  },
  svidwatch_node_findings: {
    ...forEachNode,
    help: 'Number of findings known from the node role of the node, also those about pods in namespaces that are not watched.',
  },
  svidwatch_node_refused_findings: {
    ...forEachNode,
    help: 'Number of current findings of the node role of the node that are refused because the API places their pod on another node. svidwatch_rejected_inputs_total counts each of them once, as wrong_node.',
  },
} as const satisfies Catalogue

/** Exported if the findings are offered. */
export const findingsMetrics = {
  svidwatch_findings_followers: {
    help: 'Number of clients that follow the findings of this node role. Each cluster role is one of them; at 0, the findings are not used. There is room for four with tokens of one key.',
    type: 'gauge',
    labels: [],
    stability: 'stable',
    cardinality: 'one',
    roles: ['node'],
    since: '0.1.0',
  },
  svidwatch_findings_refused_total: {
    help: 'Requests for the findings of this node role that were refused because of their token, by reason. Keys or clocks do not match, or a client without the right to do so asks for findings.',
    type: 'counter',
    labels: ['reason'],
    stability: 'stable',
    cardinality: 'one for each reason',
    roles: ['node'],
    since: '0.1.0',
  },
} as const satisfies Catalogue
