import type { AgentView, NodeRoleView } from '../ledger/nodes/view.ts'
import type { SourceStatus } from '../ledger/sight/view.ts'
import type { Judged } from './diagnosis.ts'

const nobodyElse = { reason: '', evidence: {}, explainedBy: '', muted: false } as const

/** Judges an agent that a node should have. */
export function judgeAgent({ node, agent, up }: AgentView, judged: Judged): void {
  if (up) return
  const subject = { node, agent }
  judged({
    ...nobodyElse,
    ...{ code: 'agent_down', severity: 'warning', key: `${node}/${agent}`, subject, sinceMs: undefined },
    remedy: 'driver',
  })
}

/** Judges whether the node role of a node can be seen. */
export function judgeNodeRole({ node, up, trouble, lostMs }: NodeRoleView, judged: Judged): void {
  if (up || trouble === undefined) return
  const { reason, detail } = trouble
  judged({
    ...nobodyElse,
    ...{ code: 'node_blind', severity: 'warning', key: node, subject: { node }, reason, sinceMs: lostMs },
    evidence: { message: detail },
    remedy: 'svidwatch',
  })
}

/** Judges whether a source sees its system. */
export function judgeSource({ source, up, trouble, lostMs, lastContactMs }: SourceStatus, judged: Judged): void {
  if (up || trouble === undefined) return
  const { reason, detail } = trouble
  judged({
    ...nobodyElse,
    ...{ code: 'source_blind', severity: 'critical', key: source, subject: { source }, reason, sinceMs: lostMs },
    evidence: { message: detail, ...(lastContactMs !== undefined && { lastContactMs }) },
    remedy: 'svidwatch',
  })
}
