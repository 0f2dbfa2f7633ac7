import type { FastifyInstance } from 'fastify'
import { svidStates } from '../identity/lifetime.ts'
import type { RequestState } from '../ledger/observations.ts'
import { driftCauses, type DriftCause, type SourceStatus } from '../ledger/view.ts'
import { rfc3339 } from './rfc3339.ts'
import type { ServersOptions } from './options.ts'

type StatusOptions = Pick<ServersOptions, 'ledger' | 'clock' | 'build' | 'readiness'>

/** GET /api/v1/status: what svidwatch is, what it sees and what it cannot see (docs/api.md). */
export function addStatus(http: FastifyInstance, { ledger, clock, build, readiness }: StatusOptions): void {
  const startedAt = rfc3339(clock.now())
  http.get('/api/v1/status', (_request, reply) => {
    const svids = noneOf(svidStates)
    for (const { state } of ledger.svids()) svids[state] += 1
    const requests: Record<RequestState, number> = { pending: 0, approved: 0, issued: 0, denied: 0, failed: 0 }
    for (const { state, count } of ledger.requestCounts()) requests[state] += count
    const drifts = noneOf(Object.keys(driftCauses) as DriftCause[])
    for (const { cause } of ledger.drifts()) drifts[cause] += 1
    return reply.send({
      version: build.version,
      roles: build.roles,
      startedAt,
      ready: readiness.ready(),
      svids,
      drifts,
      requests,
      sources: ledger.sources().map(sourceOf),
    })
  })
}

/** A count of 0 for each name. */
function noneOf<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>
}

function sourceOf({ source, concluded, up, lastContactMs, trouble, ...counted }: SourceStatus) {
  return {
    source,
    concluded,
    up,
    ...(lastContactMs !== undefined && { lastContact: rfc3339(lastContactMs) }),
    ...(trouble && { trouble: { reason: trouble.reason, detail: trouble.detail, since: rfc3339(trouble.sinceMs) } }),
    troubles: occurred(counted.troubles),
    rejections: occurred(counted.rejections),
    lastRejected: counted.lastRejected,
  }
}

/** The counts of what has occurred at all. */
function occurred(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].filter(([, count]) => count > 0))
}
