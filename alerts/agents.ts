import { promql, type RuleGroup } from './rule.ts'

/** The agents that bring SVIDs to pods. */
export const agents: RuleGroup = {
  name: 'svidwatch-agents',
  rules: [
    {
      alert: 'SPIREAgentDown',
      severity: 'warning',
      expr: promql`
        (
          max by (cluster, node, agent) (
            spire_agent_up and on (cluster, job, instance) (svidwatch_source_up{source="pods"} == 1)
          )
          or
          max by (cluster, node, agent) (spire_agent_up)
        ) == 0
      `,
      for: '5m',
      keepFiringFor: '5m',
      summary: '{{ $labels.agent }} is down on node {{ $labels.node }}',
      description:
        'Node {{ $labels.node }} should have {{ $labels.agent }}, but has no pod of it that is ready. New pods on this node get no SVID, and the SVIDs of running pods are not renewed. SVIDExpiringSoon fires once a renewal has been missed.',
      meaning: 'A node should have an agent, but has none that is ready.',
      reason: 'A rollout of the agent or a restart of the node is over within a few minutes.',
      labels: ['cluster', 'node', 'agent'],
    },
  ],
}
