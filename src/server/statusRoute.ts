import type { FastifyInstance } from 'fastify'
import { inSlices } from '../breather.ts'
import type { Clock } from '../clock.ts'
import { svidStates } from '../identity/lifetime.ts'
import type { RequestState } from '../ledger/issuance/observations.ts'
import { driftCauses, workloadStates, type DriftCause, type WorkloadState } from '../ledger/workloads/view.ts'
import type { LedgerView } from '../ledger/view.ts'
import { rfc3339 } from '../text/rfc3339.ts'
import type { ServersOptions } from './options.ts'
import { bundleOf, nodeOf, sourceOf } from './statusViews.ts'

type StatusOptions = Pick<ServersOptions, 'ledger' | 'clock' | 'build' | 'readiness'>

/** A list of what grows with the cluster names at most so many. */
const maxListed = 100

/** GET /api/v1/status: what svidwatch is, what it sees and what it cannot see (docs/api.md). */
export function addStatus(http: FastifyInstance, { ledger, clock, build, readiness }: StatusOptions): void {
  const startedAt = rfc3339(clock.now())
  http.get('/api/v1/status', async (_request, reply) => {
    const { agentsDown, ...counts } = await seenOf(ledger, clock)
    return reply.send({
      version: build.version,
      roles: build.roles,
      startedAt,
      ready: readiness.ready(),
      ...counts,
      nodes: nodesOf(ledger),
      agentsDown,
      bundles: [...ledger.bundles()].map(bundleOf),
      sources: ledger.sources().map(sourceOf),
    })
  })
}

async function seenOf(ledger: LedgerView, clock: Clock) {
  const svids = noneOf(svidStates)
  const survey = await inSlices(
    clock,
    ledger.survey(({ state }) => (svids[state] += 1)),
  )
  const drifts = noneOf(Object.keys(driftCauses) as DriftCause[])
  for (const { cause } of survey.drifts) drifts[cause] += 1
  const requests: Record<RequestState, number> = { pending: 0, approved: 0, issued: 0, denied: 0, failed: 0 }
  for (const { state, count } of ledger.requestCounts()) requests[state] += count
  const workloads = noneOf(Object.keys(workloadStates) as WorkloadState[])
  for (const { state, count } of survey.workloads) workloads[state] += count
  const down = survey.agents.filter(({ up }) => !up).map(({ node, agent }) => ({ node, agent }))
  return { svids, drifts, requests, workloads, agentsDown: listed(down) }
}

/** A count of 0 for each name. */
function noneOf<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>
}

/** Counts of node roles, and those that are not heard or have findings refused: the most refused first. */
function nodesOf(ledger: LedgerView) {
  const nodes = [...ledger.nodeRoles()]
  const up = nodes.filter((node) => node.up).length
  const suspect = nodes.filter((node) => !node.up || node.refused > 0).sort((one, other) => other.refused - one.refused)
  return { up, silent: nodes.length - up, ...listed(suspect.map(nodeOf)) }
}

/** The first of what there is, and how many more there are. */
function listed<Item>(all: readonly Item[]): { readonly items: readonly Item[]; readonly more: number } {
  const items = all.slice(0, maxListed)
  return { items, more: all.length - items.length }
}
