import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { startApiServer, type ApiServer } from './apiServer/server.ts'
import { createStore } from './apiServer/store.ts'
import { startApprover } from './approver.ts'
import { createCertificateAuthority } from './certificateAuthority.ts'
import { Driver } from './driver.ts'
import { startIssuer } from './issuer.ts'
import { population, type PodPlan } from './population.ts'
import { seedPod } from './seed.ts'
import { readMounted, readNewestRequest, type PodTruth } from './truth.ts'
import { workloadOf } from './workload.ts'

interface WorldOptions {
  readonly clock: Clock
  /** An existing folder, in which the world makes one of its own. */
  readonly root: string
  /** How long certificates live; 3 minutes by default. */
  readonly lifetimeMs?: number
  readonly pods?: readonly PodPlan[]
}

/** A node, cert-manager and the Kubernetes API between them, in this process. */
export interface World {
  readonly api: ApiServer
  /** What is /var/lib/kubelet on a real node. */
  readonly kubeletRoot: string
  truth(): Promise<PodTruth[]>
  /** The issuer loses its key: requests stay pending until it is back. */
  stopIssuer(): void
  startIssuer(): void
  /** csi-driver-spiffe restarts: the pods that run keep dead mounts, while their requests go on being renewed. */
  restartDriver(): Promise<void>
  /** Ends everything and removes its folder. */
  close(): Promise<void>
}

export async function startWorld(options: WorldOptions): Promise<World> {
  const { clock, root, lifetimeMs = 180_000, pods = population } = options
  const ended = new AbortController()
  const store = createStore(clock)
  const authority = await createCertificateAuthority(clock.now())
  startApprover(clock, store, lifetimeMs, ended.signal)
  const issuer = startIssuer({ clock, store, authority, lifetimeMs, signal: ended.signal })
  const kubeletRoot = await mkdtemp(join(root, 'svidwatch-demo-'))
  const driver = new Driver({ clock, store, kubeletRoot, bundlePem: authority.certificatePem, lifetimeMs })
  const inhabitants = pods.map((plan) => ({ ...plan, workload: workloadOf(plan) }))
  for (const [index, inhabitant] of inhabitants.entries()) {
    if (inhabitant.fate === 'stuck') issuer.overlook(inhabitant.workload.podUid)
    const volume = await seedPod(
      { clock, store, authority, kubeletRoot, lifetimeMs },
      inhabitant,
      index / inhabitants.length,
    )
    if (volume !== undefined) driver.manage(volume)
  }
  const api = await startApiServer({ clock, store })

  return {
    api,
    kubeletRoot,
    truth: () =>
      Promise.all(
        inhabitants.map(async ({ workload, fate }) => ({
          workload,
          fate,
          mountDead: driver.isMountDead(workload.podUid),
          mounted: await readMounted(kubeletRoot, workload),
          newestRequest: readNewestRequest(store, workload),
        })),
      ),
    stopIssuer: () => issuer.stop(),
    startIssuer: () => issuer.start(),
    restartDriver: () => driver.restart(),
    close: async () => {
      ended.abort()
      await driver.stop()
      await api.close()
      await rm(kubeletRoot, { recursive: true, force: true })
    },
  }
}
