import type { Clock } from '../../src/clock.ts'
import type { ObjectStore } from '../../src/world/apiServer/store.ts'
import { certificateRequests, type CertificateRequest } from '../../src/world/certificateRequest.ts'
import type { KubernetesClient } from '../../src/kubernetes/client.ts'
import { KubernetesError, type KubernetesErrorCode } from '../../src/kubernetes/kubernetesError.ts'
import type { Writer } from './lifecycles.ts'

/** Writes into the store of an embedded API server, in its own process: that costs the least. */
export function storeWriter(store: ObjectStore): Writer {
  const written = (write: () => unknown): Promise<void> => {
    write()
    return Promise.resolve()
  }
  return {
    create: (request) => written(() => store.create(certificateRequests, request)),
    update: (request) => written(() => store.update(certificateRequests, request)),
    delete: ({ metadata }) => written(() => store.delete(certificateRequests, metadata.namespace, metadata.name)),
  }
}

/** So many requests are under way at once. */
const maxAtOnce = 24
const retryMs = 200

/** Writes to any API server, which may be gone meanwhile: every write can be repeated without harm. */
export class ClientWriter implements Writer {
  readonly #client: KubernetesClient
  readonly #clock: Clock
  readonly #waiting: (() => void)[] = []
  #underWay = 0

  constructor(client: KubernetesClient, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  create(request: CertificateRequest): Promise<void> {
    const ask = () => this.#client.request('POST', collectionOf(request), { body: request })
    return this.#write(ask, 'conflict')
  }

  update(request: CertificateRequest): Promise<void> {
    const path = `${pathOf(request)}/status`
    const options = { body: { status: request.status }, contentType: 'application/merge-patch+json' }
    return this.#write(() => this.#client.request('PATCH', path, options))
  }

  delete(request: CertificateRequest): Promise<void> {
    return this.#write(() => this.#client.request('DELETE', pathOf(request)), 'not_found')
  }

  /** `done` is how the API server refuses what it has done already, when its answer was lost. */
  async #write(ask: () => Promise<unknown>, done?: KubernetesErrorCode): Promise<void> {
    await this.#turn()
    try {
      while (!(await this.#isWritten(ask, done))) await this.#clock.sleep(retryMs)
    } finally {
      this.#underWay -= 1
      this.#waiting.shift()?.()
    }
  }

  async #isWritten(ask: () => Promise<unknown>, done: KubernetesErrorCode | undefined): Promise<boolean> {
    try {
      await ask()
      return true
    } catch (error) {
      if (!(error instanceof KubernetesError) || isInvalid(error)) throw error
      return error.code === done
    }
  }

  async #turn(): Promise<void> {
    if (this.#underWay >= maxAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#underWay += 1
  }
}

const isInvalid = ({ status }: KubernetesError): boolean => status === 400 || status === 422

const collectionOf = ({ metadata }: CertificateRequest): string =>
  `/apis/cert-manager.io/v1/namespaces/${metadata.namespace ?? ''}/certificaterequests`

const pathOf = (request: CertificateRequest): string => `${collectionOf(request)}/${request.metadata.name}`
