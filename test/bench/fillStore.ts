import type { Clock } from '../../src/clock.ts'
import type { ObjectStore } from '../../src/world/apiServer/store.ts'
import { csiNodeObject, nodeObject } from '../../src/world/nodes.ts'
import { namespaceName, namespaces, nodeName, nodesFor, podOf, workloadOf, type Requests } from './workloads.ts'

export interface FillOptions {
  readonly clock: Clock
  readonly store: ObjectStore
  readonly requests: Requests
  readonly workloads: number
  /** Without pods, the workloads have their CertificateRequests alone. */
  readonly pods: boolean
}

/** Creates the objects of so many workloads with their nodes and namespaces. Returns the name of each workload's request. */
export function fillStore({ clock, store, requests, workloads, pods }: FillOptions): string[] {
  for (const index of Array(namespaces).keys()) {
    store.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespaceName(index) } })
  }
  for (const index of Array(nodesFor(workloads)).keys()) {
    const node = { name: nodeName(index), uid: `node-uid-${index}` }
    store.create('nodes', nodeObject(node))
    store.create('csinodes', csiNodeObject(node, true))
  }
  const names: string[] = []
  for (const index of Array(workloads).keys()) {
    const workload = workloadOf(index)
    if (pods) store.create('pods', podOf(workload))
    const nowMs = clock.now()
    const pending = requests.pending(workload, nowMs)
    const issued = requests.issued(requests.approved(pending, nowMs), workload, nowMs)
    names.push(store.create('certificaterequests', issued).metadata.name)
  }
  // A watch from before the last object would otherwise be answered from 10,000 changes.
  store.compact()
  return names
}
