import { microTime } from '../text/rfc3339.ts'
import type { KubernetesClient, RequestOptions } from './client.ts'
import { isRecord, metaOf, textOf } from './json.ts'
import { KubernetesError } from './kubernetesError.ts'

/** The state of a Lease at one resourceVersion. What is missing or makes no sense in it has the value for nothing. */
export interface Lease {
  readonly uid: string
  readonly resourceVersion: string
  /** '' : nobody holds it. */
  readonly holder: string
  /** How long its holder may be silent; undefined: it does not say. */
  readonly durationMs: number | undefined
  /** How many times it has changed hands. */
  readonly transitions: number
  /** The text in its annotation. */
  readonly text: string | undefined
  /** Its metadata, which a change leaves alone but for the annotation. */
  readonly metadata: Readonly<Record<string, unknown>>
}

/** What a change makes of a Lease. Times are in ms since the Unix epoch, for people alone. */
export interface LeaseFields {
  readonly holder: string
  readonly durationMs: number
  readonly transitions: number
  readonly acquiredMs: number
  readonly renewedMs: number
  readonly text: string | undefined
}

export interface LeaseName {
  readonly namespace: string
  readonly name: string
  /** The annotation that has the text. */
  readonly annotation: string
}

type Limits = Pick<RequestOptions, 'signal' | 'timeoutMs'>

/** An object takes up to 1.5 MiB in etcd; its JSON can be longer. */
const maxBytes = 4 * 1024 * 1024
/** The greatest number that fits into `leaseTransitions`. */
const maxTransitions = 2 ** 31 - 1

/** LeaseClient reads and writes one Lease. Each change is a compare-and-swap. Methods throw a KubernetesError. */
export class LeaseClient {
  readonly #client: Pick<KubernetesClient, 'request'>
  readonly #lease: LeaseName

  constructor(client: Pick<KubernetesClient, 'request'>, lease: LeaseName) {
    this.#client = client
    this.#lease = lease
  }

  /** The Lease in messages. */
  get place(): string {
    return `Lease ${this.#lease.namespace}/${this.#lease.name}`
  }

  /** Returns the Lease; undefined if the API server says that there is none. */
  async get(limits: Limits): Promise<Lease | undefined> {
    try {
      return this.#leaseOf(await this.#client.request('GET', this.#path, { ...limits, maxBytes }))
    } catch (error) {
      if (error instanceof KubernetesError && error.missing === 'object') return undefined
      throw error
    }
  }

  /** Makes the Lease, held by nobody. Throws `conflict` if there is one. */
  async create(text: string | undefined, durationMs: number, limits: Limits): Promise<Lease> {
    const { namespace, name } = this.#lease
    const metadata = { name, namespace, labels: { 'app.kubernetes.io/name': 'svidwatch' } }
    const body = this.#object(metadata, text, { leaseDurationSeconds: durationMs / 1000, leaseTransitions: 0 })
    return this.#leaseOf(await this.#client.request('POST', this.#collection, { ...limits, body, maxBytes }))
  }

  /**
   * Changes the Lease. Throws `conflict` if it is not in the state `known` any more, because it was changed, deleted, or made anew: its
   * metadata has the resourceVersion and the uid, and without the uid, the API server would make a Lease that was deleted.
   */
  async replace(known: Lease, fields: LeaseFields, limits: Limits): Promise<Lease> {
    const { holder, durationMs, transitions, acquiredMs, renewedMs, text } = fields
    const body = this.#object(known.metadata, text, {
      ...(holder !== '' && { holderIdentity: holder }),
      leaseDurationSeconds: durationMs / 1000,
      acquireTime: microTime(acquiredMs),
      renewTime: microTime(renewedMs),
      leaseTransitions: Math.min(transitions, maxTransitions),
    })
    return this.#leaseOf(await this.#client.request('PUT', this.#path, { ...limits, body, maxBytes }))
  }

  /** The spec is written whole, so that nonsense in it is gone after the next change. JSON leaves out what is undefined. */
  #object(metadata: Readonly<Record<string, unknown>>, text: string | undefined, spec: object): object {
    const others = isRecord(metadata.annotations) ? metadata.annotations : {}
    const annotations = { ...others, [this.#lease.annotation]: text }
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { ...metadata, annotations }, spec }
  }

  #leaseOf(answer: unknown): Lease {
    const { uid, resourceVersion, annotations } = metaOf(answer)
    if (!isRecord(answer) || !isRecord(answer.metadata) || uid === '' || resourceVersion === '') {
      throw new KubernetesError('protocol', `${this.place}: the answer has no metadata of a Lease`)
    }
    const spec = isRecord(answer.spec) ? answer.spec : {}
    const { holderIdentity, leaseDurationSeconds: seconds, leaseTransitions: transitions } = spec
    const text = annotations[this.#lease.annotation]
    return {
      ...{ uid, resourceVersion, metadata: answer.metadata },
      holder: textOf(holderIdentity),
      durationMs: isCount(seconds) ? seconds * 1000 : undefined,
      transitions: isCount(transitions) ? transitions : 0,
      text: typeof text === 'string' ? text : undefined,
    }
  }

  get #collection(): string {
    return `/apis/coordination.k8s.io/v1/namespaces/${this.#lease.namespace}/leases`
  }

  get #path(): string {
    return `${this.#collection}/${this.#lease.name}`
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
