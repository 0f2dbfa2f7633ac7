import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { podsFolder } from '../sources/mountedSvids/layout.ts'
import { startApiServer, type ApiServer, type ApiServerOptions } from './apiServer/server.ts'
import { createStore, type ObjectStore } from './apiServer/store.ts'
import { startApprover } from './approver.ts'
import { createCertificateAuthority } from './certificateAuthority.ts'
import { seedCluster, unregisterDriver } from './cluster.ts'
import { Driver, type DriverOptions } from './driver.ts'
import type { DriverFaults } from './issuance.ts'
import { startIssuer, type IssuerFaults } from './issuer.ts'
import { endpointSlice } from './nodeRoles.ts'
import { nodePlans, type NodeIdentity, type NodePlan } from './nodes.ts'
import { population, type PodPlan } from './population.ts'
import { removePod, startPod } from './replacement.ts'
import { seedPod } from './seed.ts'
import { readMounted, readNewestRequest, type PodTruth } from './truth.ts'
import { issuerReference, workloadOf, type Workload } from './workload.ts'

interface WorldOptions {
  readonly clock: Clock
  /** An existing folder, in which the world creates its own. */
  readonly root: string
  /** The lifetime of certificates; 3 minutes by default. */
  readonly lifetimeMs?: number
  /** The pods with a volume for an SVID, each on a node of nodes.ts. */
  readonly pods?: readonly PodPlan[]
  /** What is wrong with the issuer from the start, and how long ago its CA certificate began to be valid; a day by default. */
  readonly issuer?: IssuerFaults & { readonly authorityAgeMs?: number }
  /** What the token of the Kubernetes API may do, and who hears of its requests. */
  readonly access?: Pick<ApiServerOptions, 'rights' | 'onRequest'>
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
  /** The approver is gone: requests wait for a decision. */
  stopApprover(): void
  /**
   * Restarts csi-driver-spiffe on one node, or on all, with these faults. Running pods keep dead mounts, while their SVIDs go on being
   * renewed, unless the faults prevent that.
   */
  restartDriver(node?: string, faults?: DriverFaults): Promise<void>
  /**
   * Replaces a pod as a StatefulSet does: it is deleted, and another one with the same name, on the same node and with a new uid, gets
   * an SVID and is healthy. Resolves before it has one.
   */
  replacePod(name: string): Promise<void>
  /** Takes csi-driver-spiffe from a node, as a node selector of its DaemonSet does. */
  removeDriver(node: string): Promise<void>
  /** Adds svidwatch's node role of this node, at `url`, to the endpoints of its Service (nodeRoles.ts). */
  addNodeRole(node: string, url: string): void
  /** Stops everything and removes the folder. */
  close(): Promise<void>
}

/** Starts a world with its pods already in the state of their fates. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { clock, root, lifetimeMs = 180_000, pods = population, issuer: faults = {} } = options
  const ended = new AbortController()
  const store = createStore(clock)
  const authority = await createCertificateAuthority(issuerReference.name, clock.now(), faults.authorityAgeMs)
  const approver = new AbortController()
  startApprover(clock, store, lifetimeMs, AbortSignal.any([approver.signal, ended.signal]))
  const issuer = startIssuer({ clock, store, authority, lifetimeMs, ...faults, signal: ended.signal })
  const folder = await mkdtemp(join(root, 'svidwatch-demo-'))
  const nodes = await createNodes(folder)
  seedCluster(
    store,
    clock,
    nodes,
    pods.map(({ namespace }) => namespace),
  )
  const drivers = driversOn(nodes, { clock, store, bundlePem: authority.certificatePem, lifetimeMs })
  const placedPods = pods.map((plan) => placePod(plan, nodes))
  for (const [index, { plan, node, workload }] of placedPods.entries()) {
    if (plan.fate === 'stuck') issuer.ignorePod(workload.podUid)
    const context = { clock, store, authority, kubeletRoot: node.kubeletRoot, lifetimeMs }
    const volume = await seedPod(context, { workload, fate: plan.fate }, index / placedPods.length)
    if (volume !== undefined) drivers.get(node.name)?.manage(volume)
  }
  const api = await startApiServer({ clock, store, ...options.access })

  return {
    api,
    nodes,
    folder,
    truth: () => Promise.all(placedPods.map((pod) => truthOf(pod, store, drivers.get(pod.node.name)))),
    stopIssuer: () => issuer.stop(),
    startIssuer: () => issuer.start(),
    stopApprover: () => approver.abort(),
    restartDriver: async (node, driverFaults) => {
      const restarted = [...drivers].filter(([name]) => name === (node ?? name))
      await Promise.all(restarted.map(([, driver]) => driver.restart(driverFaults)))
    },
    replacePod: async (name) => {
      const index = placedPods.findIndex(({ plan }) => plan.name === name)
      const pod = placedPods[index]
      if (pod === undefined) throw new Error(`there is no pod ${name}`)
      await removePod(pod, store, drivers.get(pod.node.name))
      placedPods[index] = placePod({ ...pod.plan, fate: 'healthy' }, nodes)
      startPod(placedPods[index].workload, { clock, store, driver: drivers.get(pod.node.name) })
    },
    removeDriver: async (node) => {
      await drivers.get(node)?.stop()
      drivers.delete(node)
      unregisterDriver(store, node)
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

/** Starts the driver on each node that has one. */
function driversOn(nodes: readonly WorldNode[], options: Omit<DriverOptions, 'kubeletRoot'>): Map<string, Driver> {
  const withDriver = nodes.filter(({ hasDriver }) => hasDriver)
  return new Map(withDriver.map(({ name, kubeletRoot }) => [name, new Driver({ ...options, kubeletRoot })]))
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

/** A pod on its node. */
interface PlacedPod {
  readonly plan: PodPlan
  readonly node: WorldNode
  readonly workload: Workload
}

/** Returns a pod with a new uid. */
function placePod(plan: PodPlan, nodes: readonly WorldNode[]): PlacedPod {
  const node = nodes.find(({ name }) => name === plan.node)
  if (node === undefined) throw new Error(`pod ${plan.name}: there is no node ${plan.node}`)
  return { plan, node, workload: workloadOf(plan, node) }
}

async function truthOf({ plan, node, workload }: PlacedPod, store: ObjectStore, driver?: Driver): Promise<PodTruth> {
  return {
    workload,
    fate: plan.fate,
    mountDead: driver?.isMountDead(workload.podUid) ?? false,
    mounted: await readMounted(node.kubeletRoot, workload),
    newestRequest: readNewestRequest(store, workload),
  }
}
