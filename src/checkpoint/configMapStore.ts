import type { KubernetesClient } from '../kubernetes/client.ts'
import { KubernetesError } from '../kubernetes/kubernetesError.ts'
import { InTurn } from '../inTurn.ts'
import { checkVersion, isReadable, versioned } from './stateVersion.ts'
import type { Change, Loaded, PartName, Saved, StateStore } from './stateStore.ts'

const timeoutMs = 5_000
/** A ConfigMap holds up to 1 MiB; its JSON can be longer. */
const maxBytes = 4 * 1024 * 1024
/** Another process writes the ConfigMap too during a rolling update. */
const maxAttempts = 4

/**
 * Keeps the state in one ConfigMap, with a key for each part. Calls run one after the other, so that the writers of the parts in one
 * process never conflict. Methods throw a `KubernetesError` if the API server refuses, and a `SvidwatchError` with code `newer_state`
 * if the state is of a newer version.
 */
export class ConfigMapStore implements StateStore {
  readonly #client: Pick<KubernetesClient, 'request'>
  readonly #namespace: string
  readonly #name: string
  /** The ConfigMap as last read or written; undefined if it does not exist. */
  #known: ConfigMap | undefined
  readonly #calls = new InTurn()

  constructor(client: Pick<KubernetesClient, 'request'>, namespace: string, name: string) {
    this.#client = client
    this.#namespace = namespace
    this.#name = name
  }

  get place(): string {
    return `ConfigMap ${this.#namespace}/${this.#name}`
  }

  load(part: PartName, signal: AbortSignal): Promise<Loaded> {
    return this.#calls.run(signal, async () => {
      await this.#read(signal)
      checkVersion(this.#known?.data)
      return { text: this.#known?.data?.[part] }
    })
  }

  save(part: PartName, change: Change, signal: AbortSignal): Promise<Saved> {
    return this.#calls.run(signal, () => this.#save(part, change, signal))
  }

  /** Writes the ConfigMap as last known, and reads it again only after a conflict. */
  async #save(part: PartName, change: Change, signal: AbortSignal): Promise<Saved> {
    if (!isReadable(this.#known?.data)) await this.#read(signal)
    for (let attempt = 1; ; attempt++) {
      checkVersion(this.#known?.data)
      const text = change(this.#known?.data?.[part])
      if (text === undefined) return 'behind'
      try {
        await this.#write(versioned({ ...this.#known?.data, [part]: text }), signal)
        return 'saved'
      } catch (error) {
        if (attempt === maxAttempts || !isOutdated(error)) throw error
      }
      await this.#read(signal)
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    try {
      const path = `${this.#collection}/${this.#name}`
      this.#known = (await this.#client.request('GET', path, { signal, timeoutMs, maxBytes })) as ConfigMap
    } catch (error) {
      if (!isMissing(error)) throw error
      this.#known = undefined
    }
  }

  /** Writes the ConfigMap. Keeps what others have put into it, also its labels. */
  async #write(data: ConfigMap['data'], signal: AbortSignal): Promise<void> {
    const known = this.#known
    const body = { ...(known ?? this.#made), apiVersion: 'v1', kind: 'ConfigMap', data }
    const options = { body, signal, timeoutMs, maxBytes }
    this.#known = (
      known === undefined
        ? await this.#client.request('POST', this.#collection, options)
        : await this.#client.request('PUT', `${this.#collection}/${this.#name}`, options)
    ) as ConfigMap
  }

  /** The ConfigMap as svidwatch makes it. */
  get #made(): ConfigMap {
    const labels = { 'app.kubernetes.io/name': 'svidwatch' }
    return { metadata: { name: this.#name, namespace: this.#namespace, labels } }
  }

  get #collection(): string {
    return `/api/v1/namespaces/${this.#namespace}/configmaps`
  }
}

/** Reports whether the ConfigMap was written, created or deleted since it was last read. */
const isOutdated = (error: unknown): boolean =>
  isMissing(error) || (error instanceof KubernetesError && error.code === 'conflict')

/** Reports whether the API server says that the ConfigMap does not exist. A 404 of a proxy says nothing about it. */
const isMissing = (error: unknown): boolean => error instanceof KubernetesError && error.missing === 'object'

interface ConfigMap {
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly data?: Readonly<Record<string, string>>
}
