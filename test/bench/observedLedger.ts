import type { Clock } from '../../src/clock.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import { projectRequest } from '../../src/sources/certificateRequests/projection.ts'
import { podProjection } from '../../src/sources/pods/projection.ts'
import { spiffeDriver } from '../../src/config/spiffeDriver.ts'
import { nodeName, nodesFor, podOf, Requests, volume, workloadOf } from './workloads.ts'

/**
 * A ledger that knows `workloads` pods, each with the SVID that was issued for it and the same one mounted: what the cluster
 * role knows of a healthy cluster whose node roles it follows.
 */
export async function createObservedLedger(clock: Clock, workloads: number): Promise<Ledger> {
  const ledger = new Ledger({ clock, sources: ['certificateRequests', 'pods', 'nodeFindings'], maxIssuers: 100 })
  const requests = await Requests.create(clock.now())
  const project = podProjection({ drivers: [spiffeDriver.name], agents: [], agentSockets: [] })
  ledger.report({ kind: 'listing', source: 'pods' })
  for (let index = 0; index < workloads; index += 1) {
    const workload = workloadOf(index)
    const issuedMs = clock.now() - index * 31
    const pending = requests.pending(workload, issuedMs)
    const object = requests.issued(requests.approved(pending, issuedMs), workload, issuedMs)
    const metadata = { ...object.metadata, uid: pending.metadata.name, resourceVersion: String(index + 1) }
    const request = projectRequest({ ...object, metadata })?.request
    if (request?.svid === undefined) throw new Error(`the CertificateRequest of ${workload.pod} is not understood`)
    const { podUid, node } = workload
    const mounted = { podUid, volume, reading: { svid: request.svid }, mountBirthMs: issuedMs }
    ledger.report({ kind: 'pod', pod: project(podOf(workload)) })
    ledger.report({ kind: 'request', change: 'added', listed: false, request })
    ledger.report({ kind: 'mounted', mounted, node })
  }
  ledger.report({ kind: 'listed', source: 'pods', resourceVersion: '1' })
  for (const source of ['certificateRequests', 'pods', 'nodeFindings'] as const)
    ledger.report({ kind: 'contact', source })
  for (const node of Array(nodesFor(workloads)).keys()) ledger.report({ kind: 'nodeContact', node: nodeName(node) })
  return ledger
}
