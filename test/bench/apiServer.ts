/**
 * `apiServer.ts WORKLOADS [podless]`: a Kubernetes API with so many pods, unless it has none, and the issued CertificateRequest
 * of each, for whoever has forked it. It sends `{ kubeconfig }` when it is there. Told `{ renew, perSecond }`, it renews so many workloads, and then sends
 * `{ written }`: when each event was written. Told `forget`, it forgets all history and cuts every connection: whoever watches
 * has to list again.
 */
import { systemClock as clock } from '../../src/clock.ts'
import { startApiServer } from '../../src/world/apiServer/server.ts'
import { createStore } from '../../src/world/apiServer/store.ts'
import { csiNodeObject, nodeObject } from '../../src/world/nodes.ts'
import { Renewals, type Renewing } from './renewals.ts'
import { namespaceName, namespaces, nodeName, nodesFor, podOf, Requests, workloadOf } from './workloads.ts'

const workloads = Number(process.argv[2])
const hasPods = process.argv[3] !== 'podless'
const store = createStore(clock)
const requests = await Requests.create(clock.now())

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
  if (hasPods) store.create('pods', podOf(workload))
  const nowMs = clock.now()
  const pending = requests.pending(workload, nowMs)
  const issued = requests.issued(requests.approved(pending, nowMs), workload, nowMs)
  names.push(store.create('certificaterequests', issued).metadata.name)
}
// A watch from before the last object would otherwise be answered from 10,000 changes.
store.compact()

const renewals = new Renewals({ clock, store, requests, names })
const server = await startApiServer({ clock, store })
process.on('message', (wanted: Renewing | 'forget') => {
  if (wanted !== 'forget') return void renewals.run(wanted).then((written) => process.send?.({ written }))
  store.compact()
  server.dropConnections()
})
process.on('disconnect', () => process.exit())
process.send?.({ kubeconfig: server.kubeconfig })
