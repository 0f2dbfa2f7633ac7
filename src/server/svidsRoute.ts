import type { FastifyInstance } from 'fastify'
import type { Clock } from '../clock.ts'
import type { LedgerView } from '../ledger/view.ts'
import { rfc3339 } from '../text/rfc3339.ts'
import type { SvidLabels, SvidView } from '../ledger/workloads/view.ts'
import type { ServersOptions } from './options.ts'
import { pageText } from './pageText.ts'
import { tokenOf } from './pageToken.ts'
import type { ListedView } from './svidOrder.ts'
import { pageOf, type SvidQuery } from './svidPage.ts'
import { readSvidQuery } from './svidQuery.ts'
import type { Walks } from './walks.ts'

interface SvidsOptions extends Pick<ServersOptions, 'ledger' | 'clock'> {
  readonly walks: Walks
}

/** Adds GET /api/v1/svids: the copies of all known SVIDs, and the files that were never read, page by page (docs/api.md). */
export function addSvids(http: FastifyInstance, { ledger, clock, walks }: SvidsOptions): void {
  http.get<{ Querystring: Record<string, unknown> }>('/api/v1/svids', (request, reply) => {
    const query = readSvidQuery(request.query)
    return walks.answer(request, reply, () => textOf(ledger, query, clock))
  })
}

function* textOf(ledger: LedgerView, query: SvidQuery, clock: Clock): Generator<undefined, Buffer> {
  const { views, next, total } = yield* pageOf(ledger.workloads(query.namespace), query)
  const nowMs = clock.now()
  return yield* pageText({
    before: {},
    views,
    item: (view) => itemOf(view, nowMs),
    after: { ...(next && { continue: tokenOf(next) }), total },
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
