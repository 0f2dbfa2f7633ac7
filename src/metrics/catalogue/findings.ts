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

/** How it goes with the node roles that are followed. Nodes are those that the API names. */
export const nodeRoleMetrics = {
  svidwatch_node_up: {
    ...forEachNode,
    help: "1 while the node role of the node is heard and sees its node's files, 0 while svidwatch is blind there; /api/v1/status says why. What it found stays, with its age. No series for a node where no node role was found since the start.",
  },
  svidwatch_node_last_contact_timestamp_seconds: {
    ...forEachNode,
    help: "When the node role of the node was last heard to see its node's files, in seconds since the Unix epoch: it says so every 5 s. A node role that never was heard has no series.",
    unit: 'seconds',
  },
  svidwatch_node_findings: {
    ...forEachNode,
    help: 'Findings of the node role of the node that are held.',
  },
  svidwatch_node_refused_findings: {
    ...forEachNode,
    help: 'Findings that the node role of the node tells at present and that are refused, since the API places the pod on another node. svidwatch_rejected_inputs_total counts each once, as wrong_node.',
  },
} as const satisfies Catalogue

/** Exported where findings are offered. */
export const findingsMetrics = {
  svidwatch_findings_followers: {
    help: 'How many follow the findings of this node role at present. The cluster role is one; 0 where nobody reads them.',
    type: 'gauge',
    labels: [],
    stability: 'stable',
    cardinality: 'one',
    roles: ['node'],
    since: '0.1.0',
  },
  svidwatch_findings_refused_total: {
    help: 'Requests for the findings of this node role that were refused for their token, by reason. Keys or clocks do not match, or somebody knocks who should not.',
    type: 'counter',
    labels: ['reason'],
    stability: 'stable',
    cardinality: 'one for each reason',
    roles: ['node'],
    since: '0.1.0',
  },
} as const satisfies Catalogue
