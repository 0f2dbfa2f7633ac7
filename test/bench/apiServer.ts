/**
 * `apiServer.ts WORKLOADS [podless]`: a Kubernetes API with so many pods, unless it has none, and the issued CertificateRequest
 * of each, for whoever has forked it. It sends `{ kubeconfig }` when it is there. Told `{ renew, perSecond }`, it renews so many workloads, and then sends
 * `{ written }`: when each event was written. Told `forget`, it forgets all history and cuts every connection: whoever watches
 * has to list again.
 */
import { systemClock as clock } from '../../src/clock.ts'
import { startApiServer } from '../../src/world/apiServer/server.ts'
import { createStore } from '../../src/world/apiServer/store.ts'
import { fillStore } from './fillStore.ts'
import { Renewals, type Renewing } from './renewals.ts'
import { Requests } from './workloads.ts'

const workloads = Number(process.argv[2])
const pods = process.argv[3] !== 'podless'
const store = createStore(clock)
const requests = await Requests.create(clock.now())
const names = fillStore({ clock, store, requests, workloads, pods })

const renewals = new Renewals({ clock, store, requests, names })
const server = await startApiServer({ clock, store })
process.on('message', (wanted: Renewing | 'forget') => {
  if (wanted !== 'forget') return void renewals.run(wanted).then((written) => process.send?.({ written }))
  store.compact()
  server.dropConnections()
})
process.on('disconnect', () => process.exit())
process.send?.({ kubeconfig: server.kubeconfig })
