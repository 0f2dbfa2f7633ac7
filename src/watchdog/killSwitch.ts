import { messageOf } from '../errors.ts'
import type { KubernetesClient, RequestOptions } from '../kubernetes/client.ts'
import { isRecord } from '../kubernetes/json.ts'
import { KubernetesError } from '../kubernetes/kubernetesError.ts'
import { printable } from '../text/printable.ts'

/** Whether the watchdog may act, and if not, why: the switch says so, there is none, or it cannot be read. */
export type SwitchState =
  | { readonly acts: true }
  | { readonly acts: false; readonly reason: 'off' | 'missing' | 'unreadable'; readonly detail: string }

/** The key of the ConfigMap, and the only value of it with which the watchdog acts. */
const key = 'act'
const acting = 'true'
const timeoutMs = 5_000
const maxBytes = 4 * 1024 * 1024

/** The switch with which a person stops the watchdog: one key of a ConfigMap. It is read anew each time, and nothing is remembered. */
export class KillSwitch {
  readonly #client: Pick<KubernetesClient, 'request'>
  readonly #path: string
  readonly #place: string

  constructor(client: Pick<KubernetesClient, 'request'>, namespace: string, name: string) {
    this.#client = client
    this.#path = `/api/v1/namespaces/${namespace}/configmaps/${name}`
    this.#place = `ConfigMap ${namespace}/${name}`
  }

  /** Never rejects. */
  async read({ signal }: Pick<RequestOptions, 'signal'>): Promise<SwitchState> {
    try {
      const options = { timeoutMs, maxBytes, ...(signal && { signal }) }
      return this.#stateOf(await this.#client.request('GET', this.#path, options))
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.missing !== 'object') return no('unreadable', messageOf(error))
      return no('missing', `${this.#place} does not exist`)
    }
  }

  #stateOf(answer: unknown): SwitchState {
    if (!isRecord(answer) || answer.kind !== 'ConfigMap') {
      return no('unreadable', `${this.#place}: the answer is not a ConfigMap`)
    }
    const value = isRecord(answer.data) ? answer.data[key] : undefined
    if (value === acting) return { acts: true }
    if (typeof value !== 'string') return no('missing', `${this.#place} has no ${key}`)
    return no(
      'off',
      `${this.#place}: ${key} is ${JSON.stringify(printable(value, { maxLength: 40 }))}, not "${acting}"`,
    )
  }
}

const no = (reason: 'off' | 'missing' | 'unreadable', detail: string): SwitchState => ({ acts: false, reason, detail })
