import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { podsFolder } from '../sources/mountedSvids/layout.ts'
import { startApiServer, type ApiServer } from './apiServer/server.ts'
import { createStore } from './apiServer/store.ts'
import { startApprover } from './approver.ts'
import { createCertificateAuthority } from './certificateAuthority.ts'
import { seedCluster } from './cluster.ts'
import { Driver } from './driver.ts'
import { startIssuer } from './issuer.ts'
import { endpointSlice } from './nodeRoles.ts'
import { nodePlans, type NodeIdentity, type NodePlan } from './nodes.ts'
import { population, type PodPlan } from './population.ts'
import { seedPod } from './seed.ts'
import { readMounted, readNewestRequest, type PodTruth } from './truth.ts'
import { issuerReference, workloadOf } from './workload.ts'

interface WorldOptions {
  readonly clock: Clock
  /** An existing folder, in which the world creates its own. */
  readonly root: string
  /** The lifetime of certificates; 3 minutes by default. */
  readonly lifetimeMs?: number
  /** The pods with a volume for an SVID, each on a node of nodes.ts. */
  readonly pods?: readonly PodPlan[]
}

/** A node of the world. `kubeletRoot` corresponds to /var/lib/kubelet on a real node. */
export interface WorldNode extends NodePlan, NodeIdentity {
  readonly kubeletRoot: string
}

/** A Kubernetes API, nodes and cert-manager, all in this process. */
export interface World {
  readonly api: ApiServer
  readonly nodes: readonly WorldNode[]
  /** The folder of the world. `close` removes it. Callers may put their own files there. */
  readonly folder: string
  /** Returns the true state of each pod with a volume for an SVID, always in the same order. */
  truth(): Promise<PodTruth[]>
  /** The issuer loses its key: requests stay pending until it is back. */
  stopIssuer(): void
  /** The issuer has its key again. */
  startIssuer(): void
  /** Restarts csi-driver-spiffe on all nodes. Running pods keep dead mounts, while their SVIDs go on being renewed. */
  restartDriver(): Promise<void>
  /** Adds svidwatch's node role of this node, at `url`, to the endpoints of its Service (nodeRoles.ts). */
  addNodeRole(node: string, url: string): void
  /** Stops everything and removes the folder. */
  close(): Promise<void>
}

/** Starts a world with its pods already in the state of their fates. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { clock, root, lifetimeMs = 180_000, pods = population } = options
  const ended = new AbortController()
  const store = createStore(clock)
  const authority = await createCertificateAuthority(issuerReference.name, clock.now())
  startApprover(clock, store, lifetimeMs, ended.signal)
  const issuer = startIssuer({ clock, store, authority, lifetimeMs, signal: ended.signal })
  const folder = await mkdtemp(join(root, 'svidwatch-demo-'))
  const nodes = await createNodes(folder)
  seedCluster(
    store,
    clock,
    nodes,
    pods.map(({ namespace }) => namespace),
  )
  const bundlePem = authority.certificatePem
  const drivers = new Map(
    nodes
      .filter(({ hasDriver }) => hasDriver)
      .map(({ name, kubeletRoot }) => [name, new Driver({ clock, store, kubeletRoot, bundlePem, lifetimeMs })]),
  )
  const placedPods = pods.map((plan) => ({ plan, ...placePod(plan, nodes) }))
  for (const [index, { plan, node, workload }] of placedPods.entries()) {
    if (plan.fate === 'stuck') issuer.ignorePod(workload.podUid)
    const context = { clock, store, authority, kubeletRoot: node.kubeletRoot, lifetimeMs }
    const volume = await seedPod(context, { workload, fate: plan.fate }, index / placedPods.length)
    if (volume !== undefined) drivers.get(node.name)?.manage(volume)
  }
  const api = await startApiServer({ clock, store })

  return {
    api,
    nodes,
    folder,
    truth: () =>
      Promise.all(
        placedPods.map(async ({ plan, node, workload }) => ({
          workload,
          fate: plan.fate,
          mountDead: drivers.get(node.name)?.isMountDead(workload.podUid) ?? false,
          mounted: await readMounted(node.kubeletRoot, workload),
          newestRequest: readNewestRequest(store, workload),
        })),
      ),
    stopIssuer: () => issuer.stop(),
    startIssuer: () => issuer.start(),
    restartDriver: async () => {
      await Promise.all([...drivers.values()].map((driver) => driver.restart()))
    },
    addNodeRole: (node, url) => void store.create('endpointslices', endpointSlice(node, url)),
    close: async () => {
      ended.abort()
      await Promise.all([...drivers.values()].map((driver) => driver.stop()))
      await api.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Creates the nodes, each with the kubelet's folder of pods. */
function createNodes(folder: string): Promise<WorldNode[]> {
  return Promise.all(
    nodePlans.map(async (plan) => {
      const kubeletRoot = join(folder, plan.name)
      await mkdir(podsFolder(kubeletRoot), { recursive: true })
      return { ...plan, uid: randomUUID(), kubeletRoot }
    }),
  )
}

function placePod(plan: PodPlan, nodes: readonly WorldNode[]) {
  const node = nodes.find(({ name }) => name === plan.node)
  if (node === undefined) throw new Error(`pod ${plan.name}: there is no node ${plan.node}`)
  return { node, workload: workloadOf(plan, node) }
}
