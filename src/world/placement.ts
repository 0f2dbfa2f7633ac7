import type { Clock } from '../clock.ts'
import type { ObjectStore } from './apiServer/store.ts'
import { periodOf } from './certificateAuthority.ts'
import { Controllers } from './controllers.ts'
import { Mount } from './mount.ts'
import type { NodeIdentity } from './nodes.ts'
import { serverPort } from './pods.ts'
import { PodServer } from './podServer.ts'
import type { PodPlan } from './population.ts'
import { readMounted, readNewestRequest, type PodTruth } from './truth.ts'
import { workloadOf, type Workload } from './workload.ts'

interface KubeletNode extends NodeIdentity {
  readonly kubeletRoot: string
}

/** A pod on its node. */
export interface PlacedPod {
  readonly plan: PodPlan
  readonly node: KubeletNode
  readonly workload: Workload
  readonly mount: Mount
  /** The server in its container, if it has one. */
  readonly server: PodServer | undefined
}

/** Gives pods their nodes and addresses. */
export class Placement {
  readonly #clock: Clock
  readonly #nodes: readonly KubeletNode[]
  readonly controllers = new Controllers()
  #placed = 0

  constructor(clock: Clock, nodes: readonly KubeletNode[]) {
    this.#clock = clock
    this.#nodes = nodes
  }

  /** Returns a pod with a new uid and an address that no pod has had. Throws if its node does not exist. */
  place(plan: PodPlan): PlacedPod {
    const index = this.#nodes.findIndex(({ name }) => name === plan.node)
    const node = this.#nodes[index]
    if (node === undefined) throw new Error(`pod ${plan.name}: there is no node ${plan.node}`)
    const number = (this.#placed += 1)
    const address = `10.244.${index * 64 + (number >> 8)}.${number & 255}`
    const workload = workloadOf(plan, node, address, this.controllers.ownerOf(plan))
    const { serves, fate } = plan
    const server = serves && new PodServer({ serves, reloads: fate !== 'notReloaded' })
    const mount = new Mount({ clock: this.#clock, kubeletRoot: node.kubeletRoot, workload, server })
    return { plan, node, workload, mount, server }
  }
}

/** Nothing listens at this port of a machine: it is reserved for a service that nobody runs (tcpmux). */
export const closedPort = 1

/** Returns the server at a port of the pod with this address; undefined if none is there. */
export function serverOf(pods: readonly PlacedPod[], address: string, port: number): PodServer | undefined {
  return port === serverPort ? pods.find(({ workload }) => workload.podIp === address)?.server : undefined
}

/** Returns the true state of a pod. */
export async function truthOf(
  { plan: { fate }, node, workload, mount, server }: PlacedPod,
  store: ObjectStore,
): Promise<PodTruth> {
  const files = await mount.look(async () => {
    const { inContainers } = mount
    const served = server?.presents
    return {
      ...(await readMounted(node.kubeletRoot, workload)),
      inContainers: inContainers && periodOf(inContainers.certificatePem),
      served: served && periodOf(served.certificatePem),
    }
  })
  const [mountDead, detached] = [mount.host === 'dead', mount.isDetached]
  return { workload, fate, mountDead, detached, ...files, newestRequest: readNewestRequest(store, workload) }
}
