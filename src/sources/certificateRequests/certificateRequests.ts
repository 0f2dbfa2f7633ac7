import type { Clock } from '../../clock.ts'
import type { KubernetesClient } from '../../kubernetes/client.ts'
import type { Report } from '../../ledger/observations.ts'
import { reflectedSource } from '../reflectedSource.ts'
import type { Source } from '../source.ts'
import { Lifetimes } from './lifetimes.ts'
import { projectRequest, type ProjectedRequest } from './projection.ts'

export interface CertificateRequestsOptions {
  readonly client: KubernetesClient
  readonly clock: Clock
  readonly pageSize: number
  /** The namespaces to watch one by one; undefined for the whole cluster. */
  readonly namespaces?: readonly string[] | undefined
  /** Returns the resourceVersion up to which everything has been counted, in one namespace or in the whole cluster. */
  readonly resumeFrom?: ((namespace: string | undefined) => string | undefined) | undefined
}

const source = 'certificateRequests'

/** How many rejected requests are remembered, so that a change of one of them is not reported as a second rejection. */
const maxRejected = 10_000

/**
 * Returns a source that watches cert-manager's CertificateRequests. It reports those that ask for an SVID, and those that may ask for
 * one and cannot be read.
 */
export function createCertificateRequests(options: CertificateRequestsOptions): Source {
  const rejected = new Set<string>()
  const lifetimes = new Lifetimes(options.clock)
  const reportRejections = (projected: ProjectedRequest, report: Report) => {
    const { rejections } = projected
    const { uid, namespace, name } = projected.request ?? projected.unread
    if (rejections.length === 0 || rejected.has(uid)) return
    if (rejected.size >= maxRejected) rejected.clear()
    rejected.add(uid)
    const where = `CertificateRequest ${namespace}/${name}`
    for (const { reason, detail } of rejections) report({ kind: 'rejected', source, reason, where, detail })
  }
  return reflectedSource({
    ...options,
    source,
    path: '/apis/cert-manager.io/v1/certificaterequests',
    longestWatchS: () => lifetimes.longestWatchS(),
    project: projectRequest,
    onObject({ change, listed, object, resourceVersion }, report, namespace) {
      if (object !== undefined) reportRejections(object, report)
      if (object?.request?.svid) lifetimes.seen(object.request.svid)
      if (object?.request) report({ kind: 'request', change, listed, request: object.request, namespace })
      else if (!listed) report({ kind: 'progress', source, resourceVersion, namespace })
    },
    onDeleted(uid, resourceVersion, report, namespace) {
      rejected.delete(uid)
      report({ kind: 'requestDeleted', uid, resourceVersion, namespace })
    },
  })
}
