import type { AgentView } from '../../ledger/nodes/view.ts'
import type { agentMetrics } from '../catalogue/agents.ts'
import { labelText } from '../labelText.ts'
import type { Collectors } from '../snapshot.ts'

export const agentCollectors: Collectors<typeof agentMetrics> = {
  spire_agent_up(samples, snapshot) {
    for (const view of snapshot.surveyed().agents) samples.add(textOf(view), view.up ? 1 : 0)
  },
  spire_agent_svid_count(samples, snapshot) {
    for (const view of snapshot.surveyed().agents) if (view.svids !== undefined) samples.add(textOf(view), view.svids)
  },
}

function textOf({ node, agent }: AgentView): string {
  return labelText(['node', 'agent'], [node, agent])
}
