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
        'Node {{ $labels.node }} should have {{ $labels.agent }} and has no pod of it that is ready. New pods on it get no SVID, and those that run are not renewed. SVIDExpiringSoon tells when a renewal has been missed.',
      meaning: 'A node should have an agent and has none that is ready.',
      reason: 'A rollout or a restart of a node takes the agent away for a few minutes at most.',
      labels: ['cluster', 'node', 'agent'],
    },
  ],
}
