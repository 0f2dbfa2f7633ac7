import { describe, expect, it } from 'vitest'
import { workloadStates, type WorkloadState } from '../../../../src/ledger/workloads/view.ts'
import { samplesOf, scrapeText } from '../../../support/exposition.ts'
import { issuedAtMs, nodeRoleView, type LedgerData } from '../../../support/fakeLedger.ts'

const agent = { node: 'node-1', agent: 'csi-driver-spiffe', up: true } as const
const states = Object.keys(workloadStates) as WorkloadState[]
const neverHeard = { node: 'node-2', concluded: true, up: false, findings: 0, refused: 0 }

const cases: readonly [what: string, data: LedgerData, family: string, lines: readonly string[]][] = [
  [
    'agents that are there and nodes without theirs',
    { agents: [agent, { ...agent, node: 'node-2', up: false }, { ...agent, agent: 'spire-agent' }] },
    'spire_agent_up',
    [
      'spire_agent_up{node="node-1",agent="csi-driver-spiffe"} 1',
      'spire_agent_up{node="node-2",agent="csi-driver-spiffe"} 0',
      'spire_agent_up{node="node-1",agent="spire-agent"} 1',
    ],
  ],
  [
    'SVIDs of agents, zero included; none of an agent of which nothing tells',
    {
      agents: [
        { ...agent, svids: 110 },
        { ...agent, node: 'node-2', svids: 0 },
        { ...agent, agent: 'spire-agent' },
      ],
    },
    'spire_agent_svid_count',
    [
      'spire_agent_svid_count{node="node-1",agent="csi-driver-spiffe"} 110',
      'spire_agent_svid_count{node="node-2",agent="csi-driver-spiffe"} 0',
    ],
  ],
  [
    'pods by how it stands with their SVIDs',
    { workloads: states.map((state, count) => ({ namespace: 'team-a', state, count })) },
    'spiffe_workloads',
    states.map((state, count) => `spiffe_workloads{namespace="team-a",state="${state}"} ${count}`),
  ],
  [
    'pods that put identities at risk',
    { posture: [{ namespace: 'team-a', finding: 'host_pid', count: 2 }] },
    'spiffe_posture_pods',
    ['spiffe_posture_pods{namespace="team-a",finding="host_pid"} 2'],
  ],
  [
    'node roles that are heard and those that are not',
    { nodeRoles: [nodeRoleView(), neverHeard] },
    'svidwatch_node_up',
    ['svidwatch_node_up{node="node-1"} 1', 'svidwatch_node_up{node="node-2"} 0'],
  ],
  [
    'when a node role was last heard, but for one that never was',
    { nodeRoles: [nodeRoleView({ up: false, lastContactMs: issuedAtMs + 500 }), neverHeard] },
    'svidwatch_node_last_contact_timestamp_seconds',
    [`svidwatch_node_last_contact_timestamp_seconds{node="node-1"} ${issuedAtMs / 1000 + 0.5}`],
  ],
  [
    'findings that are held',
    { nodeRoles: [nodeRoleView({ findings: 110 }), neverHeard] },
    'svidwatch_node_findings',
    ['svidwatch_node_findings{node="node-1"} 110', 'svidwatch_node_findings{node="node-2"} 0'],
  ],
  [
    'findings that are refused',
    { nodeRoles: [nodeRoleView({ refused: 3 }), neverHeard] },
    'svidwatch_node_refused_findings',
    ['svidwatch_node_refused_findings{node="node-1"} 3', 'svidwatch_node_refused_findings{node="node-2"} 0'],
  ],
]

describe('of a cluster', () => {
  it.each(cases)('%s', async (_, data, family, lines) => {
    expect(samplesOf(await scrapeText(data), family)).toEqual(lines)
  })
})
