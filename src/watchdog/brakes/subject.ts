import type { Brake } from './brake.ts'

/** Whose pods are never restarted, whatever is wrong with them. */
export const subjectBrakes: readonly Brake[] = [
  { reason: 'no_controller', holds: ({ pod }) => pod.owner === undefined },
  { reason: 'runs_to_completion', holds: ({ pod }) => pod.owner?.kind === 'Job' },
  { reason: 'own_pod', holds: ({ pod }) => pod.isOwn },
  { reason: 'agent', holds: ({ pod }) => pod.isAgent },
  { reason: 'never', holds: ({ pod }) => pod.label === 'never' },
  { reason: 'not_allowed', holds: ({ pod }) => pod.label !== 'allowed' && pod.namespaceLabel !== 'allowed' },
  // Budgets do not protect pods that do not run yet.
  { reason: 'not_running', holds: ({ pod }) => pod.node === '' || !pod.isRunning },
  { reason: 'node_not_ready', holds: ({ pod }) => !pod.isNodeReady },
  { reason: 'agent_not_ready', holds: ({ pod }) => !pod.isAgentReady },
]
