/**
 * The cluster that svidwatch watches, in a process of its own: `clusterProcess.ts COPIES` serves a Kubernetes API with so many
 * issued SVIDs and their pods, and speaks the messages of cluster.ts.
 */
import { systemClock as clock } from '../../src/clock.ts'
import { credentialsFromText } from '../../src/kubernetes/credentials.ts'
import { startApiServer } from '../../src/world/apiServer/server.ts'
import { createStore } from '../../src/world/apiServer/store.ts'
import { driverPod } from '../../src/world/pods.ts'
import { fillStore } from '../bench/fillStore.ts'
import { nodeName, nodesFor, Requests } from '../bench/workloads.ts'
import { startFaultyRelay, type Fault } from '../support/faultyRelay.ts'
import type { FromCluster, ToCluster } from './cluster.ts'
import { LargeObjects } from './largeObjects.ts'

const copies = Number(process.argv[2])
const store = createStore(clock)
const requests = await Requests.create(clock.now())
for (const index of Array(nodesFor(copies)).keys()) store.create('pods', driverPod(nodeName(index), clock.now()))
fillStore({ clock, store, requests, workloads: copies, pods: true })
const server = await startApiServer({ clock, store })
const relay = await startFaultyRelay(credentialsFromText(server.kubeconfig))
const large = new LargeObjects(store, requests)

const isStream = (url: URL) => url.searchParams.has('sendInitialEvents')
const isFirstPage = (url: URL) => !url.searchParams.has('watch') && !url.searchParams.has('continue')
const hasLarge = (url: URL) => /\/(pods|certificaterequests)$/.test(url.pathname)
const noStreams: Fault = {
  status: 422,
  body: { kind: 'Status', code: 422, message: 'ListOptions is invalid: sendInitialEvents: Forbidden' },
}

let lists = 0
relay.passing = (url) => {
  if (hasLarge(url) && (isStream(url) || isFirstPage(url))) lists += 1
}

async function listEvery(ms: number, ended: AbortSignal): Promise<void> {
  for (; !ended.aborted; await clock.sleep(ms, ended)) {
    store.compact()
    relay.cut()
  }
}

let attack = new AbortController()
const tell = (message: FromCluster) => process.send?.(message)
process.on('message', (message: ToCluster) => {
  if ('listing' in message) {
    relay.fault = (url) => (message.listing === 'pages' && isStream(url) ? noStreams : undefined)
    attack = new AbortController()
    lists = 0
    large.create(clock.now())
    void listEvery(message.listEveryMs, attack.signal)
  } else {
    attack.abort()
    large.delete()
    tell({ lists })
  }
})
process.on('disconnect', () => process.exit())
tell({ kubeconfig: relay.kubeconfig })
