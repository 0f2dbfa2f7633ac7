import type { FastifyInstance } from 'fastify'
import { inSlices } from '../breather.ts'
import { rfc3339 } from '../text/rfc3339.ts'
import type { SvidLabels, SvidView } from '../ledger/workloads/view.ts'
import type { ServersOptions } from './options.ts'
import { tokenOf } from './pageToken.ts'
import type { ListedView } from './svidOrder.ts'
import { pageOf } from './svidPage.ts'
import { readSvidQuery } from './svidQuery.ts'

/** Adds GET /api/v1/svids: the copies of all known SVIDs, and the files that were never read, page by page (docs/api.md). */
export function addSvids(http: FastifyInstance, { ledger, clock }: Pick<ServersOptions, 'ledger' | 'clock'>): void {
  http.get<{ Querystring: Record<string, unknown> }>('/api/v1/svids', async (request, reply) => {
    const query = readSvidQuery(request.query)
    const { views, next, total } = await inSlices(clock, pageOf(ledger.workloads(query.namespace), query))
    const nowMs = clock.now()
    return reply.send({
      items: views.map((view) => itemOf(view, nowMs)),
      ...(next && { continue: tokenOf(next) }),
      total,
    })
  })
}

function itemOf(view: ListedView, nowMs: number) {
  if (!('svid' in view)) return { ...fieldsOf(view.labels), problem: view.reason }
  return { ...fieldsOf(view.labels), ...copyFields(view, nowMs) }
}

function fieldsOf({ spiffe_id, trust_domain, namespace, pod, volume, node, issuer, file, copy }: SvidLabels) {
  return { spiffeId: spiffe_id, trustDomain: trust_domain, namespace, pod, volume, node, issuer, file, copy }
}

function copyFields({ svid, renewalDueMs, lastObservedMs, state, problem }: SvidView, nowMs: number) {
  return {
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
