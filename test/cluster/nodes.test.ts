import { readFile, mkdtemp, rm } from 'node:fs/promises'
import { watch as watchFolder } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { catalogue, declarationOf, namesOf } from '../../src/metrics/catalogue.ts'
import { deleteServiceAccount, environmentOf, serviceAccountKubeconfig } from './support/access.ts'
import { takeSnapshot, wrongSeries } from './support/comparison.ts'
import { startDriver, stopDriver } from './support/faults.ts'
import { deleteFleet, fleetPods, startFleet, type FleetPod } from './support/fleet.ts'
import { IssuedObserver } from './support/issuedObserver.ts'
import {
  addEndpoint,
  createNodeService,
  makeFindingsKeys,
  nodeService,
  removeEndpoint,
  thisNode,
  type ThisNode,
} from './support/nodeService.ts'
import { kubectl, sh, sleep, until } from './support/shell.ts'
import { samplesIn, Svidwatch } from './support/svidwatch.ts'

const kubeletRoot = process.env.SVIDWATCH_TEST_KUBELET_ROOT ?? '/var/lib/kubelet'
const kills = Number(process.env.SVIDWATCH_TEST_KILLS ?? 3)
const renewals = Number(process.env.SVIDWATCH_TEST_RENEWALS ?? 100)
const [clusterPort, nodePort, intruderPort, bundlePort] = [19827, 19837, 19847, 19857]

let folder: string
let here: ThisNode
let running: readonly FleetPod[]
let kubeconfig: string
let bundleServer: Server
let cluster: Svidwatch
let issued: IssuedObserver
let node: Svidwatch

const startCluster = () =>
  Svidwatch.start(
    'cluster',
    clusterPort,
    `
kubernetes: { kubeconfig: ${kubeconfig} }
checkpoint: { configMap: svidwatch/svidwatch-state, interval: 1s }
nodeFindings: { service: ${nodeService}, signingKey: ${folder}/signing.pem }
bundleEndpoints:
  - { trustDomain: partner.example, url: 'https://localhost:${bundlePort}/', profile: https_web, certificateAuthorities: ${folder}/ca.pem }
`,
    ['-i', `PATH=${process.env.PATH ?? ''}`],
  )

/** Starts a node role whose environment has only the PATH: no kubeconfig, no token. */
const startNode = (port: number, name: string) =>
  Svidwatch.start(
    'node',
    port,
    `
mountedSvids: { kubeletRoot: ${kubeletRoot} }
nodeFindings: { publicKeys: ${folder}/public.pem, nodeName: ${name} }
`,
    ['-i', `PATH=${process.env.PATH ?? ''}`],
    here.address,
  )

/** Resolves when all series of the pods' copies are correct. */
async function allCorrect(): Promise<void> {
  let wrong: readonly string[] = ['nothing could be compared']
  await until('correct series', 30, async () => {
    const snapshot = await takeSnapshot(cluster, kubeletRoot, running)
    if (snapshot) wrong = wrongSeries(snapshot, running)
    return wrong.length === 0 || undefined
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}:\n${wrong.join('\n')}`)
  })
}

/** Starts a bundle endpoint of the profile https_web with a bundle that SPIRE served. */
async function startBundleEndpoint(): Promise<Server> {
  const openssl = (...args: string[]) => sh('openssl', ...args)
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  await openssl(...request, ...names, '-keyout', `${folder}/server.pem`, '-out', `${folder}/ca.pem`)
  const bundle = await readFile(new URL('../fixtures/spire/bundle-endpoint-https_web.json', import.meta.url))
  const server = createServer(
    { key: await readFile(`${folder}/server.pem`), cert: await readFile(`${folder}/ca.pem`) },
    (_request, response) => response.setHeader('content-type', 'application/json').end(bundle),
  )
  await new Promise<void>((resolve) => server.listen(bundlePort, 'localhost', resolve))
  return server
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'svidwatch-nodes-'))
  await makeFindingsKeys(folder)
  // The service account may fill the ConfigMap of its state, and not create it.
  await kubectl('-n', 'svidwatch', 'delete', 'configmap', 'svidwatch-state', '--ignore-not-found')
  kubeconfig = await serviceAccountKubeconfig(folder)
  await startFleet('1m')
  running = (await fleetPods()).filter(({ ended }) => !ended)
  here = await thisNode()
  bundleServer = await startBundleEndpoint()
  node = await startNode(nodePort, here.name)
  await createNodeService(folder, here, nodePort)
  issued = await IssuedObserver.start()
  cluster = await startCluster()
  await issued.countAs(() => cluster.sum('spire_attestation_success_total'))
})

afterAll(async () => {
  await issued.stop()
  await Promise.all([cluster.stop(), node.stop()])
  bundleServer.close()
  await deleteServiceAccount()
  await deleteFleet()
  await rm(folder, { recursive: true })
})

describe('a cluster role with the rights of its service account, and a node role with none', () => {
  it('export every family of the runbook', async () => {
    await allCorrect()
    const text = await cluster.scrape()
    const runbook = namesOf(catalogue).filter((name) => declarationOf(name).runbook)
    const silent = runbook.filter(
      (name) => !text.split('\n').some((line) => new RegExp(`^${name}(_count)?[ {]`).test(line)),
    )
    expect(silent).toEqual([])
    expect(samplesIn(text, 'spire_agent_up')).toEqual([
      { labels: { node: here.name, agent: 'csi-driver-spiffe' }, value: 1 },
    ])
    expect(samplesIn(text, 'spire_agent_svid_count').map(({ value }) => value)).toEqual([running.length])
    expect(await cluster.sum('svidwatch_source_up', { source: 'nodeFindings' })).toBe(1)
  })

  it('give the node role no token, and no way to get one', async () => {
    expect([...(await environmentOf(node.pid)).keys()]).toEqual(['PATH'])
    const open = await sh(
      'bash',
      '-c',
      `ls -l /proc/${node.pid}/fd /proc/${node.pid}/cwd; ss -tnp | grep pid=${node.pid}, || true`,
    )
    expect(open).not.toMatch(/token|kubeconfig|:6443/)
  })

  it('keep the findings of a node whose role is down, and report it as down', async () => {
    const before = await cluster.samples('spiffe_svid_not_after_timestamp_seconds')
    await node.stop('SIGKILL')
    await until(
      'node down',
      30,
      async () => (await cluster.sum('svidwatch_node_up', { node: here.name })) === 0 || undefined,
    )
    const names = (samples: typeof before) => samples.map(({ labels }) => `${labels.pod} ${labels.copy}`).sort()
    expect(names(await cluster.samples('spiffe_svid_not_after_timestamp_seconds'))).toEqual(names(before))
    node = await startNode(nodePort, here.name)
    await until(
      'node up',
      60,
      async () => (await cluster.sum('svidwatch_node_up', { node: here.name })) === 1 || undefined,
    )
    await allCorrect()
  })

  it(`are each killed ${kills} times, and all series are correct afterwards`, async () => {
    const left = { cluster: kills, node: kills }
    while (left.cluster + left.node > 0) {
      const which = Math.random() * (left.cluster + left.node) < left.cluster ? 'cluster' : 'node'
      left[which] -= 1
      await sleep(Math.random() * 5000)
      if (which === 'node') {
        await node.stop('SIGKILL')
        node = await startNode(nodePort, here.name)
      } else {
        await cluster.stop('SIGKILL')
        cluster = await startCluster()
      }
      await allCorrect()
    }
    await until(
      'all renewals counted',
      60,
      async () => (await cluster.sum('spire_attestation_success_total')) === issued.count || undefined,
    )
  })

  it(
    `show a file swap in the cluster role within a second (p99 of ${renewals})`,
    async () => {
      const latencies = (await swapLatencies(renewals)).toSorted((a, b) => a - b)
      const quantile = (share: number) => latencies[Math.ceil(latencies.length * share) - 1]
      console.log(
        `${latencies.length} swaps: p99 ${quantile(0.99)} ms, median ${quantile(0.5)} ms, at most ${quantile(1)} ms`,
      )
      expect(quantile(0.99)).toBeLessThan(1000)
    },
    renewals * 10_000,
  )
})

describe('a node role at another endpoint that claims findings for pods of this node', () => {
  it('is refused, counted and named, and affects nothing else', async () => {
    const intruder = await startNode(intruderPort, 'node-of-the-intruder')
    await addEndpoint(folder, 'intruder', { ...here, name: 'node-of-the-intruder' }, intruderPort)
    const refused = () =>
      cluster.sum('svidwatch_rejected_inputs_total', { source: 'nodeFindings', reason: 'wrong_node' })
    await until('refusals', 30, async () => (await refused()) === running.length || undefined)
    const status = await (await fetch(`http://127.0.0.1:${clusterPort}/api/v1/status`)).text()
    expect(status).toContain('node-of-the-intruder')
    for (const pod of running) expect(status).toContain(`${pod.namespace}/${pod.name}`)
    expect((await cluster.samples('spire_svid_expiry_seconds')).map(({ labels }) => labels.node)).not.toContain(
      'node-of-the-intruder',
    )
    await allCorrect()
    await intruder.stop()
    await removeEndpoint('intruder')
    expect(await refused()).toBe(running.length)
  })
})

describe('spire_agent_up of a node without a driver pod', () => {
  // The kubelet takes up to two minutes longer to end pods whose driver has just started.
  beforeAll(deleteFleet)

  it('is 0 until the pod is back', async () => {
    const isUp = (value: number) => async () =>
      (await cluster.samples('spire_agent_up')).some((sample) => sample.value === value) || undefined
    await stopDriver()
    try {
      await until('agent down', 90, isUp(0))
    } finally {
      await startDriver()
    }
    await until('agent up', 90, isUp(1))
  })
})

/** Returns the time from the swap of a pod's files until the cluster role shows the new SVID, in ms, for the next `count` swaps. */
async function swapLatencies(count: number): Promise<readonly number[]> {
  const swappedMs = new Map<string, number>()
  const latencies: number[] = []
  const watches = running.map(({ uid, name }) =>
    watchFolder(`${kubeletRoot}/pods/${uid}/volumes/kubernetes.io~csi/spiffe/mount`, (_event, file) => {
      if (file === '..data') swappedMs.set(name, Date.now())
    }),
  )
  const lastNotAfter = new Map<string, number>()
  while (latencies.length < count) {
    for (const { labels, value } of await cluster.samples('spiffe_svid_not_after_timestamp_seconds')) {
      if (labels.copy !== 'mounted' || labels.pod === undefined) continue
      const before = lastNotAfter.get(labels.pod)
      lastNotAfter.set(labels.pod, value)
      const sinceMs = swappedMs.get(labels.pod)
      if (before === undefined || before === value || sinceMs === undefined) continue
      latencies.push(Date.now() - sinceMs)
      swappedMs.delete(labels.pod)
    }
    await sleep(20)
  }
  for (const one of watches) one.close()
  return latencies
}
