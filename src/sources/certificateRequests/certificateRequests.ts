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
  /** The resourceVersion up to which everything has been counted. */
  readonly resumeFrom?: string | undefined
}

const source = 'certificateRequests'

/** How many rejected requests are remembered, so that a change of one of them is not reported as a second rejection. */
const maxRejected = 10_000

/** Returns a source that watches cert-manager's CertificateRequests and reports those that ask for an SVID. */
export function createCertificateRequests(options: CertificateRequestsOptions): Source {
  const rejected = new Set<string>()
  const lifetimes = new Lifetimes(options.clock)
  const reportRejections = ({ request, rejections }: ProjectedRequest, report: Report) => {
    if (rejections.length === 0 || rejected.has(request.uid)) return
    if (rejected.size >= maxRejected) rejected.clear()
    rejected.add(request.uid)
    const where = `CertificateRequest ${request.namespace}/${request.name}`
    for (const { reason, detail } of rejections) report({ kind: 'rejected', source, reason, where, detail })
  }
  return reflectedSource({
    ...options,
    source,
    path: '/apis/cert-manager.io/v1/certificaterequests',
    longestWatchS: () => lifetimes.longestWatchS(),
    project: projectRequest,
    onObject({ change, listed, object, resourceVersion }, report) {
      if (object === undefined) {
        if (!listed) report({ kind: 'progress', source, resourceVersion })
        return
      }
      reportRejections(object, report)
      if (object.request.svid) lifetimes.seen(object.request.svid)
      report({ kind: 'request', change, listed, request: object.request })
    },
    onDeleted(uid, resourceVersion, report) {
      rejected.delete(uid)
      report({ kind: 'requestDeleted', uid, resourceVersion })
    },
  })
}
