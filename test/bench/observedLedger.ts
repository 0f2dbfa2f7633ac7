import type { Clock } from '../../src/clock.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import type { SourceName } from '../../src/ledger/sight/observations.ts'
import { projectRequest } from '../../src/sources/certificateRequests/projection.ts'
import { podProjection } from '../../src/sources/pods/projection.ts'
import { spiffeDriver } from '../../src/config/spiffeDriver.ts'
import { nodeName, nodesFor, podOf, podStartMs, Requests, volume, workloadOf } from './workloads.ts'

/** The authority of all SVIDs. */
const authority = 'a'.repeat(64)

/** No SVID is older, ms, so that none has missed its renewal, which is due after 40 minutes. */
const oldestMs = 30 * 60_000

/**
 * A ledger that knows `workloads` pods, each with the SVID that was issued for it and the same one mounted: what the cluster
 * role knows of a healthy cluster whose node roles it follows. `others` are further sources that the ledger is told of.
 */
export async function createObservedLedger(
  clock: Clock,
  workloads: number,
  others: readonly SourceName[] = [],
): Promise<Ledger> {
  const sources = ['certificateRequests', 'pods', 'nodeFindings', ...others] as const
  const ledger = new Ledger({ clock, sources, maxIssuers: 100 })
  const requests = await Requests.create(clock.now())
  const project = podProjection({ drivers: [spiffeDriver.name], agents: [], agentSockets: [] })
  ledger.report({ kind: 'listing', source: 'pods' })
  for (let index = 0; index < workloads; index += 1) {
    const workload = workloadOf(index)
    const issuedMs = clock.now() - ((index * 31) % oldestMs)
    const pending = requests.pending(workload, issuedMs)
    const object = requests.issued(requests.approved(pending, issuedMs), workload, issuedMs)
    const metadata = { ...object.metadata, uid: pending.metadata.name, resourceVersion: String(index + 1) }
    const request = projectRequest({ ...object, metadata })?.request
    if (request?.svid === undefined) throw new Error(`the CertificateRequest of ${workload.pod} is not understood`)
    const { podUid, node } = workload
    // A node role tells of its own copy, and what a peer makes of it.
    const { chain: period = request.svid } = request.svid
    const reading = { svid: structuredClone(request.svid) }
    const mounted = { podUid, volume, reading, verdict: { authority, period }, mountBirthMs: podStartMs }
    ledger.report({ kind: 'pod', pod: project(podOf(workload)) })
    ledger.report({ kind: 'request', change: 'added', listed: false, request })
    ledger.report({ kind: 'mounted', mounted, node })
  }
  ledger.report({ kind: 'listed', source: 'pods', resourceVersion: '1' })
  seeAll(ledger, workloads)
  return ledger
}

/** Every workload asks for its next SVID, and its request waits: what the API has after a list. */
export async function letAllWait(ledger: Ledger, clock: Clock, workloads: number): Promise<void> {
  const requests = await Requests.create(clock.now())
  ledger.report({ kind: 'listing', source: 'certificateRequests' })
  for (let index = 0; index < workloads; index += 1) {
    const pending = requests.pending(workloadOf(index), clock.now())
    const metadata = { ...pending.metadata, uid: pending.metadata.name, resourceVersion: String(workloads + index) }
    const request = projectRequest({ ...pending, metadata })?.request
    if (request === undefined) throw new Error('a CertificateRequest is not understood')
    ledger.report({ kind: 'request', change: 'added', listed: true, request })
  }
  ledger.report({ kind: 'listed', source: 'certificateRequests', resourceVersion: String(2 * workloads) })
}

/** Every source and node role sees what it watches at present. */
export function seeAll(ledger: Ledger, workloads: number): void {
  for (const source of ['certificateRequests', 'pods', 'nodeFindings'] as const)
    ledger.report({ kind: 'contact', source })
  for (const node of Array(nodesFor(workloads)).keys()) ledger.report({ kind: 'nodeContact', node: nodeName(node) })
}
