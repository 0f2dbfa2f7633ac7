import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { podsFolder } from '../sources/mountedSvids/layout.ts'
import { startApiServer, type ApiServer, type ApiServerOptions } from './apiServer/server.ts'
import { createStore } from './apiServer/store.ts'
import { startApprover } from './approver.ts'
import { createCertificateAuthority } from './certificateAuthority.ts'
import { seedCluster, unregisterDriver } from './cluster.ts'
import { startDisruptionController } from './disruption.ts'
import { Driver, type DriverOptions } from './driver.ts'
import type { DriverFaults } from './issuance.ts'
import { startIssuer, type IssuerFaults } from './issuer.ts'
import { endpointSlice } from './nodeRoles.ts'
import { nodePlans, type NodeIdentity, type NodePlan } from './nodes.ts'
import { population, type PodPlan } from './population.ts'
import { closedPort, Placement, serverOf, truthOf } from './placement.ts'
import { followDeletions, podActs, type PodActs } from './podActs.ts'
import { seedPod } from './seed.ts'
import { trustActs, type TrustActs } from './trustActs.ts'
import { TrustManager } from './trustManager.ts'
import type { PodTruth } from './truth.ts'
import { issuerReference } from './workload.ts'

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

/** A Kubernetes API, nodes, cert-manager and trust-manager, all in this process. */
export interface World extends PodActs, TrustActs {
  readonly api: ApiServer
  readonly nodes: readonly WorldNode[]
  /** The folder of the world. `close` removes it. Callers may put their own files there. */
  readonly folder: string
  /** Returns the true state of each pod with a volume for an SVID, always in the same order. */
  truth(): Promise<PodTruth[]>
  /** Returns where on 127.0.0.1 a port of the pod with this address is; where nothing listens there, neither does anything here. */
  readonly route: (address: string, port: number) => { readonly host: string; readonly port: number }
  /** The issuer loses its key: requests stay pending until it is back. */
  stopIssuer(): void
  /** The issuer has its key again. */
  startIssuer(): void
  /** The approver is gone: requests wait for a decision. */
  stopApprover(): void
  /**
   * Restarts csi-driver-spiffe on one node, or on all, with these faults. Running pods keep dead mounts, while their SVIDs go on being
   * renewed. Where the first attempt fails, because of the faults or of the issuer, the host's mount is taken away, and a later one is
   * new: the containers keep theirs.
   */
  restartDriver(node?: string, faults?: DriverFaults): Promise<void>
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
  const newAuthority = (ageMs?: number) => createCertificateAuthority(issuerReference.name, clock.now(), ageMs)
  const authority = await newAuthority(faults.authorityAgeMs)
  const approver = new AbortController()
  startApprover(clock, store, lifetimeMs, AbortSignal.any([approver.signal, ended.signal]))
  const issuer = startIssuer({ clock, store, authority, lifetimeMs, ...faults, signal: ended.signal })
  const folder = await mkdtemp(join(root, 'svidwatch-demo-'))
  const nodes = await createNodes(folder)
  const namespaces = pods.map(({ namespace }) => namespace)
  seedCluster(store, clock, nodes, namespaces)
  const { signal } = ended
  const trustManager = new TrustManager({ clock, store, source: authority.certificatePem, signal })
  const drivers = driversOn(nodes, { clock, store, lifetimeMs, signal })
  const placement = new Placement(clock, nodes)
  const placed = pods.map((plan) => placement.place(plan))
  for (const [index, { plan, node, workload, mount }] of placed.entries()) {
    if (plan.fate === 'stuck') issuer.ignorePod(workload.podUid)
    const context = { clock, store, authority, lifetimeMs }
    const volume = await seedPod(context, { workload, fate: plan.fate, mount }, index / placed.length)
    if (volume !== undefined) drivers.get(node.name)?.manage(volume)
  }
  const podsOfWorld = { clock, store, placed, placement, drivers }
  const unfollow = followDeletions(podsOfWorld)
  const endDisruptionController = startDisruptionController(store)
  const api = await startApiServer({ clock, store, ...options.access })

  return {
    api,
    nodes,
    folder,
    truth: () => Promise.all(placed.map((pod) => truthOf(pod, store))),
    route: (address, port) => ({ host: '127.0.0.1', port: serverOf(placed, address, port)?.port ?? closedPort }),
    stopIssuer: () => issuer.stop(),
    startIssuer: () => issuer.start(),
    stopApprover: () => approver.abort(),
    restartDriver: async (node, driverFaults) => {
      const restarted = [...drivers].filter(([name]) => name === (node ?? name))
      await Promise.all(restarted.map(([, driver]) => driver.restart(driverFaults)))
    },
    ...podActs(podsOfWorld),
    ...trustActs({ authority, newAuthority: () => newAuthority(0), issuer, trustManager, drivers }),
    removeDriver: async (node) => {
      await drivers.get(node)?.stop()
      drivers.delete(node)
      unregisterDriver(store, node)
    },
    addNodeRole: (node, url) => void store.create('endpointslices', endpointSlice(node, url)),
    close: async () => {
      ended.abort()
      endDisruptionController()
      await unfollow()
      await Promise.all([...drivers.values()].map((driver) => driver.stop()))
      await Promise.all([api.close(), ...placed.map(({ server }) => server?.close())])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Starts the driver on each node that has one. */
function driversOn(nodes: readonly WorldNode[], options: DriverOptions): Map<string, Driver> {
  const withDriver = nodes.filter(({ hasDriver }) => hasDriver)
  return new Map(withDriver.map(({ name }) => [name, new Driver(options)]))
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
