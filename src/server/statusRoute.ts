import type { FastifyInstance } from 'fastify'
import type { DiagnosesView } from '../diagnosis/diagnosis.ts'
import { svidStates } from '../identity/lifetime.ts'
import type { RequestState } from '../ledger/issuance/observations.ts'
import {
  driftCauses,
  probeStates,
  workloadStates,
  type DriftCause,
  type ProbeState,
  type WorkloadState,
} from '../ledger/workloads/view.ts'
import type { LedgerView } from '../ledger/view.ts'
import { rfc3339 } from '../text/rfc3339.ts'
import type { ServersOptions } from './options.ts'
import { ProblemTally, type ProblemCounts } from './problemTally.ts'
import { bundleStatus, nodeRoleStatus, sourceStatus } from './statusViews.ts'
import type { Walks } from './walks.ts'

interface StatusOptions extends Pick<ServersOptions, 'ledger' | 'diagnoses' | 'clock' | 'build' | 'readiness'> {
  readonly walks: Walks
}

/** The most items of a list whose length grows with the cluster. */
const maxListed = 100

/** Adds GET /api/v1/status: the state of svidwatch, what it sees and what it cannot see (docs/api.md). */
export function addStatus(http: FastifyInstance, options: StatusOptions): void {
  const startedAt = rfc3339(options.clock.now())
  http.get('/api/v1/status', (request, reply) => options.walks.answer(request, reply, () => textOf(options, startedAt)))
}

function* textOf(options: StatusOptions, startedAt: string): Generator<undefined, Buffer> {
  const { ledger, diagnoses, build, readiness } = options
  const { agentsDown, ...counts } = yield* countsOf(ledger)
  const problems = diagnoses && (yield* problemsOf(diagnoses))
  const status = {
    version: build.version,
    roles: build.roles,
    startedAt,
    ready: readiness.ready(),
    ...(problems && { problems }),
    ...counts,
    nodes: nodesOf(ledger),
    agentsDown,
    bundles: [...ledger.bundles()].map(bundleStatus),
    sources: ledger.sources().map(sourceStatus),
  }
  return Buffer.from(JSON.stringify(status))
}

/** The number of problems after which their count yields. */
const slice = 1024

function* problemsOf(diagnoses: DiagnosesView): Generator<undefined, ProblemCounts> {
  const tally = new ProblemTally()
  let counted = 0
  for (const diagnosis of diagnoses.all()) {
    if ((counted += 1) % slice === 0) yield
    tally.add(diagnosis)
  }
  return tally.counts
}

function* countsOf(ledger: LedgerView) {
  const svids = zeroCounts(svidStates)
  const survey = yield* ledger.survey(({ state }) => (svids[state] += 1))
  const drifts = zeroCounts(Object.keys(driftCauses) as DriftCause[])
  for (const { cause } of survey.drifts) drifts[cause] += 1
  const requests: Record<RequestState, number> = { pending: 0, approved: 0, issued: 0, denied: 0, failed: 0 }
  for (const { state, count } of ledger.requestCounts()) requests[state] += count
  const workloads = zeroCounts(Object.keys(workloadStates) as WorkloadState[])
  for (const { state, count } of survey.workloads) workloads[state] += count
  const down = survey.agents.filter(({ up }) => !up).map(({ node, agent }) => ({ node, agent }))
  const probes = zeroCounts(Object.keys(probeStates) as ProbeState[])
  for (const { state, count } of survey.probes) probes[state] += count
  const refused = survey.refused.length
  return { svids, drifts, refused, requests, workloads, probes, agentsDown: truncated(down) }
}

/** Returns a count of 0 for each name. */
function zeroCounts<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>
}

/**
 * Returns the number of node roles that are up and that are silent, and a list of those that are silent or have refused findings,
 * the ones with the most refused findings first.
 */
function nodesOf(ledger: LedgerView) {
  const nodes = [...ledger.nodeRoles()]
  const up = nodes.filter((node) => node.up).length
  const suspect = nodes.filter((node) => !node.up || node.refused > 0).sort((a, b) => b.refused - a.refused)
  return { up, silent: nodes.length - up, ...truncated(suspect.map(nodeRoleStatus)) }
}

/** Returns the first 100 items of a list, and how many more it has. */
function truncated<Item>(list: readonly Item[]): { readonly items: readonly Item[]; readonly more: number } {
  const items = list.slice(0, maxListed)
  return { items, more: list.length - items.length }
}
