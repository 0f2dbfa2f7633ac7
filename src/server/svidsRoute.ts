import type { FastifyInstance } from 'fastify'
import { inSlices } from '../breather.ts'
import type { SvidView } from '../ledger/workloads/view.ts'
import { rfc3339 } from '../text/rfc3339.ts'
import type { ServersOptions } from './options.ts'
import { tokenOf } from './svidOrder.ts'
import { pageOf } from './svidPage.ts'
import { readSvidQuery } from './svidQuery.ts'

/** Adds GET /api/v1/svids: the copies of all known SVIDs, page by page (docs/api.md). */
export function addSvids(http: FastifyInstance, { ledger, clock }: Pick<ServersOptions, 'ledger' | 'clock'>): void {
  http.get<{ Querystring: Record<string, unknown> }>('/api/v1/svids', async (request, reply) => {
    const query = readSvidQuery(request.query)
    const { svids, next, total } = await inSlices(clock, pageOf(ledger.workloads(query.namespace), query))
    const nowMs = clock.now()
    return reply.send({
      items: svids.map((view) => itemOf(view, nowMs)),
      ...(next && { continue: tokenOf(next) }),
      total,
    })
  })
}

function itemOf({ labels, svid, renewalDueMs, lastObservedMs, state, problem }: SvidView, nowMs: number) {
  const { spiffe_id, trust_domain, namespace, pod, volume, node, issuer, file, copy } = labels
  return {
    spiffeId: spiffe_id,
    trustDomain: trust_domain,
    namespace,
    pod,
    volume,
    node,
    issuer,
    file,
    copy,
    notBefore: rfc3339(svid.notBeforeMs),
    notAfter: rfc3339(svid.notAfterMs),
    renewalDue: rfc3339(renewalDueMs),
    lastObserved: rfc3339(lastObservedMs),
    expiresInSeconds: Math.floor((svid.notAfterMs - nowMs) / 1000),
    state,
    ...(problem !== undefined && { problem }),
    fingerprint: svid.fingerprint,
  }
}
