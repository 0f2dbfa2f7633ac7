import { asSeenBy, lasting, problems } from './problems.ts'
import { promql, type RuleGroup } from './rule.ts'

const [seen, otherwise] = asSeenBy('pods', problems('agent_down'))

/** The agents that bring SVIDs to pods. */
export const agents: RuleGroup = {
  name: 'svidwatch-agents',
  rules: [
    {
      alert: 'SPIREAgentDown',
      severity: 'warning',
      expr: promql`
        max by (cluster, node, agent) (
          (${seen})
          or
          (${otherwise})
        )
      `,
      for: lasting('agent_down'),
      keepFiringFor: '5m',
      summary: '{{ $labels.agent }} is down on node {{ $labels.node }}',
      description:
        'Node {{ $labels.node }} should have {{ $labels.agent }}, but has no pod of it that is ready. New pods on this node get no SVID, and the SVIDs of running pods are not renewed. SVIDExpiringSoon fires once a renewal has been missed.',
      meaning: 'A node should have an agent, but has none that is ready.',
      reason:
        'A rollout of the agent or a restart of the node is over within a few minutes. Of several svidwatch, those that see pods are asked.',
      labels: ['cluster', 'node', 'agent'],
    },
  ],
}
