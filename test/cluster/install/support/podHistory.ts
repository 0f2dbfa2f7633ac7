import { kubectl, sleep } from '../../support/shell.ts'
import type { PolicyPod } from './networkPolicies.ts'

interface Pod {
  readonly metadata: {
    readonly namespace: string
    readonly name: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly spec: {
    readonly hostNetwork?: boolean
    readonly containers: readonly { readonly ports?: PolicyPod['ports'] }[]
  }
  readonly status: {
    readonly hostIPs?: readonly { readonly ip: string }[]
    readonly podIPs?: readonly { readonly ip: string }[]
  }
}

interface ListOf<T> {
  readonly items: readonly T[]
}

/** The pods of the cluster with addresses of their own, also those that have ended since. */
export class PodHistory implements AsyncDisposable {
  readonly #pods = new Map<string, PolicyPod>()
  readonly #finished = new AbortController()
  #following: Promise<void> = Promise.resolve()

  static async start(): Promise<PodHistory> {
    const history = new PodHistory()
    await history.#look()
    history.#following = history.#follow()
    return history
  }

  /** All pods that were seen until now. Of two that had one address, the later. */
  get pods(): readonly PolicyPod[] {
    return [...this.#pods.values()]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#finished.abort()
    await this.#following
  }

  async #follow(): Promise<void> {
    while (!this.#finished.signal.aborted) {
      await this.#look()
      await sleep(200)
    }
  }

  async #look(): Promise<void> {
    const { items } = JSON.parse(await kubectl('get', 'pods', '-A', '-o', 'json')) as ListOf<Pod>
    for (const { metadata, spec, status } of items) {
      const ips = (status.podIPs ?? []).map(({ ip }) => ip)
      if (spec.hostNetwork === true || ips.length === 0) continue
      this.#pods.set(String(ips), {
        namespace: metadata.namespace,
        name: metadata.name,
        labels: metadata.labels ?? {},
        ips,
        nodeIps: (status.hostIPs ?? []).map(({ ip }) => ip),
        ports: spec.containers.flatMap(({ ports = [] }) => ports),
      })
    }
  }
}

/** Returns the labels of each namespace. */
export async function namespaceLabels(): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const { items } = JSON.parse(await kubectl('get', 'namespaces', '-o', 'json')) as ListOf<{
    metadata: { name: string; labels?: Record<string, string> }
  }>
  return new Map(items.map(({ metadata: { name, labels } }) => [name, labels ?? {}] as const))
}
