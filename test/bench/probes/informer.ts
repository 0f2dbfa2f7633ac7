/** `informer.ts KUBECONFIG SOURCES`: what @kubernetes/client-node retains of the same, and when its first lists are complete. */
import {
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  makeInformer,
  type KubernetesListObject,
  type KubernetesObject,
} from '@kubernetes/client-node'
import { systemClock as clock } from '../../../src/clock.ts'
import { tell } from '../probe.ts'
import { aliveBytes, type Retained } from '../retained.ts'

/** Besides what is retained: when everything was there, in ms since the Unix epoch, and what it took. */
export interface Informed extends Retained {
  readonly listedAtMs: number
  readonly cpuSeconds: number
  readonly rssBytes: number
}

const [kubeconfig = '', wanted = ''] = process.argv.slice(2)
const config = new KubeConfig()
config.loadFromString(kubeconfig)
// It refuses plain HTTP unless it is told so.
config.clusters = config.clusters.map((cluster) => ({ ...cluster, skipTLSVerify: true }))
const core = config.makeApiClient(CoreV1Api)
const custom = config.makeApiClient(CustomObjectsApi)
const requests = { group: 'cert-manager.io', version: 'v1', plural: 'certificaterequests' }

type List = Promise<KubernetesListObject<KubernetesObject>>
const informers = {
  certificateRequests: () =>
    makeInformer(
      config,
      '/apis/cert-manager.io/v1/certificaterequests',
      () => custom.listClusterCustomObject(requests) as List,
    ),
  pods: () => makeInformer(config, '/api/v1/pods', () => core.listPodForAllNamespaces()),
}

const before = aliveBytes()
const started = Object.entries(informers)
  .filter(([source]) => wanted.split(',').includes(source))
  .map(([, make]) => make())
for (const informer of started) {
  informer.on('error', (error) => {
    throw error instanceof Error ? error : new Error(String(error))
  })
}
await Promise.all(started.map((informer) => informer.start()))
const listedAtMs = clock.now()
const rssBytes = process.memoryUsage.rss()
const { user, system } = process.cpuUsage()
tell({
  bytes: aliveBytes() - before,
  listedAtMs,
  cpuSeconds: (user + system) / 1_000_000,
  rssBytes,
} satisfies Informed)
// Stopping them is an error to them.
process.once('disconnect', () => process.exit())
