import { isNewer } from '../resourceVersion.ts'
import { parseCheckpoint, serializeCheckpoint, type Checkpoint } from '../ledger/checkpoint.ts'
import type { KubernetesClient } from '../kubernetes/client.ts'
import { KubernetesError } from '../kubernetes/kubernetesError.ts'

/** What was found where the checkpoint is kept. */
export type Loaded = { readonly checkpoint: Checkpoint | undefined } | { readonly problem: string }

/** `behind`: another process has committed a later position, so nothing was written. */
export type Saved = 'saved' | 'behind'

const key = 'checkpoint.json'
const timeoutMs = 5_000

/** Keeps the checkpoint in one ConfigMap. Every call throws a `KubernetesError` where the API server cannot be asked. */
export class ConfigMapStore {
  readonly #client: KubernetesClient
  readonly #namespace: string
  readonly #name: string
  /** Of the ConfigMap as it was last read or written; undefined: there is none. */
  #resourceVersion: string | undefined

  constructor(client: KubernetesClient, namespace: string, name: string) {
    this.#client = client
    this.#namespace = namespace
    this.#name = name
  }

  get place(): string {
    return `ConfigMap ${this.#namespace}/${this.#name}`
  }

  async load(signal: AbortSignal): Promise<Loaded> {
    const configMap = await this.#get(signal)
    this.#resourceVersion = configMap?.metadata?.resourceVersion
    const text = configMap?.data?.[key]
    if (text === undefined) return { checkpoint: undefined }
    const parsed = parseCheckpoint(text)
    return 'problem' in parsed ? { problem: `${this.place}, ${key}: ${parsed.problem}` } : parsed
  }

  /** Never replaces a later position: of two processes, as in a rolling update, the one that is behind waits. */
  async save(checkpoint: Checkpoint, signal: AbortSignal): Promise<Saved> {
    try {
      await this.#write(checkpoint, signal)
      return 'saved'
    } catch (error) {
      if (!(error instanceof KubernetesError) || (error.code !== 'conflict' && error.code !== 'not_found')) throw error
    }
    const found = await this.load(signal)
    const stored = 'problem' in found ? undefined : found.checkpoint
    if (isNewer(stored?.resourceVersion, checkpoint.resourceVersion)) return 'behind'
    await this.#write(checkpoint, signal)
    return 'saved'
  }

  async #get(signal: AbortSignal): Promise<ConfigMap | undefined> {
    try {
      return (await this.#client.request('GET', `${this.#collection}/${this.#name}`, {
        signal,
        timeoutMs,
      })) as ConfigMap
    } catch (error) {
      if (error instanceof KubernetesError && error.code === 'not_found') return undefined
      throw error
    }
  }

  async #write(checkpoint: Checkpoint, signal: AbortSignal): Promise<void> {
    const labels = { 'app.kubernetes.io/name': 'svidwatch' }
    const body = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: this.#name, namespace: this.#namespace, labels, resourceVersion: this.#resourceVersion },
      data: { [key]: serializeCheckpoint(checkpoint) },
    }
    const written =
      this.#resourceVersion === undefined
        ? await this.#client.request('POST', this.#collection, { body, signal, timeoutMs })
        : await this.#client.request('PUT', `${this.#collection}/${this.#name}`, { body, signal, timeoutMs })
    this.#resourceVersion = (written as ConfigMap).metadata?.resourceVersion
  }

  get #collection(): string {
    return `/api/v1/namespaces/${this.#namespace}/configmaps`
  }
}

interface ConfigMap {
  readonly metadata?: { readonly resourceVersion?: string }
  readonly data?: Readonly<Record<string, string>>
}
