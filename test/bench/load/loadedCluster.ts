import { randomBytes, X509Certificate } from 'node:crypto'
import type { Clock } from '../../../src/clock.ts'
import type { KubernetesObject } from '../../../src/world/apiServer/object.ts'
import type { CertificateRequest } from '../../../src/world/certificateRequest.ts'
import type { KubernetesClient } from '../../../src/kubernetes/client.ts'
import { namespaceName, namespaces, podOf, Requests, workloadOf, type Workload } from '../workloads.ts'
import { inParallel } from './inParallel.ts'

/** A workload that is in the cluster, and the name of its newest request. */
interface Placed {
  readonly workload: Workload
  request: string
}

/** The certificate that a write brought, as the API of svidwatch names it, and when the API server acknowledged the write. */
export interface Acknowledged {
  readonly fingerprint: string
  readonly atMs: number
}

/** Created, issued; and the old one deleted. */
export const writesPerRenewal = 3

const requestsOf = (namespace: string) => `/apis/cert-manager.io/v1/namespaces/${namespace}/certificaterequests`
const podsOf = (namespace: string) => `/api/v1/namespaces/${namespace}/pods`

/** What removing a namespace's thousands of objects may take. */
const removalMs = 600_000

/** The pods and CertificateRequests that the load puts into a real cluster, in namespaces of its own that are new with each run. */
export class LoadedCluster {
  readonly #client: KubernetesClient
  readonly #clock: Clock
  readonly #prefix = `bench-${randomBytes(2).toString('hex')}`
  readonly #requests: Promise<Requests>
  readonly #placed: Placed[] = []
  /** Whether a status is written apart from its object: told by the first answer. */
  #statusApart = false
  #stopped = false

  constructor(client: KubernetesClient, clock: Clock) {
    this.#client = client
    this.#clock = clock
    this.#requests = Requests.create(clock.now(), workloadOf(0, this.#prefix).spiffeId)
  }

  async createNamespaces(): Promise<void> {
    for (const name of this.#namespaces())
      await this.#client.request('POST', '/api/v1/namespaces', { body: { metadata: { name } } })
  }

  /** Adds a workload: its pod, and an issued request. `namespace` is another than its own. */
  async add(index: number, namespace?: string): Promise<void> {
    const planned = workloadOf(index, this.#prefix)
    const workload = { ...planned, namespace: namespace ?? planned.namespace }
    const body = podOf(workload)
    const pod = (await this.#client.request('POST', podsOf(workload.namespace), { body })) as KubernetesObject
    const placed = { workload: { ...workload, podUid: pod.metadata.uid ?? '' }, request: '' }
    const { name, issued } = await this.#order(placed.workload)
    const answer = await this.#create(issued)
    if (answer.status?.conditions === undefined) this.#statusApart = true
    if (this.#statusApart) await this.#writeStatus(issued)
    placed.request = name
    this.#placed[index] = placed
  }

  /** A new request for a workload, its certificate, and the end of the request before; `onIssued` comes in between. */
  async renew(index: number, onIssued?: (issued: Acknowledged) => Promise<void>): Promise<void> {
    const placed = this.#placed[index]
    if (placed === undefined) throw new Error(`workload ${index} has not been added`)
    const { workload, request } = placed
    const { name, pending, issued, fingerprint } = await this.#order(workload)
    await this.#create(pending)
    await this.#writeStatus(issued)
    await onIssued?.({ fingerprint, atMs: this.#clock.now() })
    await this.#client.request('DELETE', `${requestsOf(workload.namespace)}/${request}`)
    placed.request = name
  }

  /** Where the marker workloads are, apart from all others. */
  get markerNamespace(): string {
    return `${this.#prefix}-marker`
  }

  /** From now on every write fails. */
  stop(): void {
    this.#stopped = true
  }

  /** Removes everything that this run has made. */
  async remove(): Promise<void> {
    const remove = async (namespace: string) => {
      const request = { body: { gracePeriodSeconds: 0 }, timeoutMs: removalMs, maxBytes: 2 ** 29 }
      await this.#client.request('DELETE', requestsOf(namespace), request)
      await this.#client.request('DELETE', podsOf(namespace), request)
      await this.#removeNamespace(namespace)
    }
    await inParallel(
      8,
      this.#namespaces().map((namespace) => () => remove(namespace)),
    )
  }

  /**
   * A namespace stays until a controller has emptied it and says so. Where no controller has put its service account into it,
   * none ever will: then what has emptied it says so itself.
   */
  async #removeNamespace(name: string): Promise<void> {
    const path = `/api/v1/namespaces/${name}`
    const accounts = (await this.#client.request('GET', `${path}/serviceaccounts`)) as { items: readonly unknown[] }
    const namespace = (await this.#client.request('DELETE', path)) as object
    if (accounts.items.length > 0) return
    await this.#client.request('PUT', `${path}/finalize`, { body: { ...namespace, spec: { finalizers: [] } } })
  }

  #namespaces(): readonly string[] {
    const names = Array.from({ length: namespaces }, (_, index) => namespaceName(index, this.#prefix))
    return [...names, this.markerNamespace]
  }

  async #order(workload: Workload) {
    if (this.#stopped) throw new Error('nothing more is written: what was made is being removed')
    const requests = await this.#requests
    const nowMs = this.#clock.now()
    const pending = requests.pending(workload, nowMs)
    const issued = requests.issued(requests.approved(pending, nowMs), workload, nowMs)
    const { fingerprint256 } = new X509Certificate(Buffer.from(issued.status?.certificate ?? '', 'base64'))
    const fingerprint = fingerprint256.replaceAll(':', '').toLowerCase()
    return { name: pending.metadata.name, pending, issued, fingerprint }
  }

  async #create(body: CertificateRequest): Promise<CertificateRequest> {
    const path = requestsOf(body.metadata.namespace ?? '')
    return (await this.#client.request('POST', path, { body })) as CertificateRequest
  }

  async #writeStatus({ metadata, status }: CertificateRequest): Promise<void> {
    const path = `${requestsOf(metadata.namespace ?? '')}/${metadata.name}${this.#statusApart ? '/status' : ''}`
    await this.#client.request('PATCH', path, { body: { status }, contentType: 'application/merge-patch+json' })
  }
}
