import type { KubernetesObject } from '../../src/world/apiServer/object.ts'
import type { ObjectStore } from '../../src/world/apiServer/store.ts'
import { podOf, workloadOf, type Requests } from '../bench/workloads.ts'

/** It is listed before all others, so that its objects share a page. */
const tenant = 'a-tenant'
/** They fill a page of the client's limit (64 MiB), and no object is larger than etcd allows. */
const requestsOfTenant = { count: 45, bytes: 1_300_000 }
/** An API server allows 256 KiB for all annotations of an object. */
const podsOfTenant = { count: 240, bytes: 250_000 }
/** One such character doubles the memory that a text takes in V8. */
const wide = '界'

/** The large objects that a tenant creates. */
export class LargeObjects {
  readonly #store: ObjectStore
  readonly #requests: Requests
  readonly #deletes: (() => void)[] = []

  constructor(store: ObjectStore, requests: Requests) {
    this.#store = store
    this.#requests = requests
  }

  create(nowMs: number): void {
    for (const index of Array(requestsOfTenant.count).keys()) {
      const { metadata, spec, ...rest } = this.#requests.pending(workloadOf(index), nowMs)
      const annotations = { ...metadata.annotations, note: wide }
      const request = 'A'.repeat(requestsOfTenant.bytes)
      this.#create('certificaterequests', {
        ...rest,
        metadata: { ...metadata, annotations },
        spec: { ...spec, request },
      })
    }
    for (const index of Array(podsOfTenant.count).keys()) {
      const { metadata, ...rest } = podOf({ ...workloadOf(index), podUid: `of-tenant-${index}` })
      const annotations = { note: wide + 'a'.repeat(podsOfTenant.bytes) }
      this.#create('pods', { ...rest, metadata: { ...metadata, annotations } })
    }
  }

  delete(): void {
    for (const one of this.#deletes.splice(0)) one()
  }

  #create(resource: string, object: KubernetesObject): void {
    const { metadata } = this.#store.create(resource, {
      ...object,
      metadata: { ...object.metadata, namespace: tenant },
    })
    this.#deletes.push(() => this.#store.delete(resource, tenant, metadata.name))
  }
}
