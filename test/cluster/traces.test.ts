import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe } from 'vitest'
import type { RequestObservation } from '../../src/ledger/issuance/observations.ts'
import { projectRequest } from '../../src/sources/certificateRequests/projection.ts'
import { rotationIds } from '../../src/traces/ids.ts'
import { isThere, Jaeger, type JaegerSpan } from '../traces/support/jaeger.ts'
import { Relay } from '../traces/support/relay.ts'
import { testRotations } from '../traces/support/rotationTests.ts'
import { deleteServiceAccount, serviceAccountKubeconfig } from './support/access.ts'
import { deleteFleet, startFleet } from './support/fleet.ts'
import { createNodeService, makeFindingsKeys, nodeService, thisNode } from './support/nodeService.ts'
import { kubectl, sleep, until } from './support/shell.ts'
import { Svidwatch } from './support/svidwatch.ts'

const kubeletRoot = process.env.SVIDWATCH_TEST_KUBELET_ROOT ?? '/var/lib/kubelet'
const atLeast = Number(process.env.SVIDWATCH_TEST_ROTATIONS ?? 40)
const [clusterPort, nodePort] = [19927, 19937]
/** A request that ended this long before the end of the observation must have its trace, with its mount. */
const settleMs = 10_000
const onlyPath = ['-i', `PATH=${process.env.PATH ?? ''}`]

describe.skipIf(!isThere('jaeger'))('traces of rotations in a real cluster, in a real Jaeger', () => {
  const started = new AsyncDisposableStack()
  const ended = new Map<string, RequestObservation>()
  const traces = new Map<string, readonly JaegerSpan[]>()
  let relay: Relay

  beforeAll(async () => {
    const folder = await mkdtemp(`${tmpdir()}/svidwatch-traces-`)
    started.defer(() => rm(folder, { recursive: true }))
    const jaeger = started.use(await Jaeger.start())
    relay = started.use(await Relay.start(jaeger.otlp))
    await makeFindingsKeys(folder)
    started.defer(deleteServiceAccount)
    await kubectl('-n', 'svidwatch', 'delete', 'configmap', 'svidwatch-state', '--ignore-not-found')
    const kubeconfig = await serviceAccountKubeconfig(folder)
    started.defer(deleteFleet)
    await startFleet('1m')

    const here = await thisNode()
    const findings = `{ publicKeys: ${folder}/public.pem, nodeName: ${here.name} }`
    const nodeSettings = `mountedSvids: { kubeletRoot: ${kubeletRoot} }\nnodeFindings: ${findings}`
    const node = await Svidwatch.start('node', nodePort, nodeSettings, onlyPath, here.address)
    started.defer(async () => {
      await node.stop()
    })
    await createNodeService(folder, here, nodePort)
    const clusterSettings = `
kubernetes: { kubeconfig: ${kubeconfig} }
checkpoint: { configMap: svidwatch/svidwatch-state, interval: 1s }
nodeFindings: { service: ${nodeService}, signingKey: ${folder}/signing.pem }
tracing: { endpoint: '${relay.url}' }
`
    const startCluster = () => Svidwatch.start('cluster', clusterPort, clusterSettings, onlyPath)

    let cluster = await startCluster()
    started.defer(async () => {
      await cluster.stop()
    })
    // What ended before is history, of which there are no traces.
    await sleep(settleMs)
    const history = await endedRequests()
    const observe = async () => {
      for (const [uid, request] of await endedRequests()) if (!history.has(uid)) ended.set(uid, request)
    }
    const atRest = (count: number) => async () => {
      await observe()
      return ended.size >= count || undefined
    }
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
      await until('a quarter of the rotations', 300, atRest(ended.size + atLeast / 4))
      await cluster.stop(signal)
      cluster = await startCluster()
    }
    const settled = () => [...ended.values()].filter(({ concludedMs = NaN }) => concludedMs <= Date.now() - settleMs)
    const all = await until('all rotations', 300, async () => {
      await observe()
      return settled().length >= atLeast ? settled() : undefined
    })
    await sleep(2 * settleMs)
    for (const { uid } of all) traces.set(uid, await jaeger.spansOf(rotationIds(uid).traceId))
  }, 900_000)

  afterAll(() => started.disposeAsync())

  testRotations(() => ({ atLeast, ended, traces, relay }))
})

/** Returns the requests that have ended, by uid. Each exists much longer than the time between two looks. */
async function endedRequests(): Promise<ReadonlyMap<string, RequestObservation>> {
  const { items } = JSON.parse(await kubectl('get', 'certificaterequests', '-A', '-o', 'json')) as { items: unknown[] }
  const requests = items.map((item) => projectRequest(item)?.request).filter((request) => request !== undefined)
  return new Map(requests.filter(({ concludedMs }) => concludedMs !== undefined).map((one) => [one.uid, one]))
}
