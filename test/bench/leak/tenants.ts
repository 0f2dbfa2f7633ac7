import type { ObjectStore } from '../../../src/world/apiServer/store.ts'
import { namespaceName, namespaces, workloadOf, type Workload } from '../workloads.ts'

/** A workload, and whom its requests ask. */
export interface Tenant extends Workload {
  /** The name of a ClusterIssuer; undefined: that of the recorded requests. */
  readonly issuer: string | undefined
}

/** One in so many workloads belongs to a tenant that comes and goes. */
const tenantEvery = 20

/**
 * Workloads by number, of which a few belong to tenants that come and go: each tenant has a namespace and an issuer of its own,
 * for as many of the workloads as there are at a time.
 */
export class Tenants {
  readonly #store: ObjectStore
  readonly #workloads: number
  /** How many pods are in each of the tenants' namespaces. */
  readonly #pods = new Map<string, number>()

  constructor(store: ObjectStore, workloads: number) {
    this.#store = store
    this.#workloads = workloads
  }

  workloadOf(index: number): Tenant {
    const workload = workloadOf(index)
    if (index % tenantEvery !== 0) return { ...workload, issuer: undefined }
    const tenant = Math.floor(index / this.#workloads)
    // SPIFFE IDs are as long as any other's: there are two digits.
    const namespace = namespaceName(namespaces + (tenant % namespaces))
    const spiffeId = workload.spiffeId.replace(`/ns/${workload.namespace}/`, `/ns/${namespace}/`)
    return { ...workload, namespace, spiffeId, issuer: `issuer-of-tenant-${tenant}` }
  }

  /** A pod of this workload is about to be made: its namespace must be there. */
  podComes({ namespace, issuer }: Tenant): void {
    if (issuer === undefined) return
    const pods = this.#pods.get(namespace) ?? 0
    if (pods === 0)
      this.#store.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
    this.#pods.set(namespace, pods + 1)
  }

  /** A pod of this workload is gone: its namespace goes with the last one. */
  podGoes({ namespace, issuer }: Tenant): void {
    if (issuer === undefined) return
    const pods = (this.#pods.get(namespace) ?? 0) - 1
    this.#pods.set(namespace, pods)
    if (pods === 0) this.#store.delete('namespaces', undefined, namespace)
  }
}
