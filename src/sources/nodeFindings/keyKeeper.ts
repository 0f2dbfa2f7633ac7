import type { Clock } from '../../clock.ts'
import { messageOf, SvidwatchError } from '../../errors.ts'
import { KubernetesError } from '../../kubernetes/kubernetesError.ts'
import type { NamedKey } from '../../nodeStream/keys.ts'
import { retry, type Wait } from '../../retry/retry.ts'
import type { ObjectName, RequestingClient } from './keyObjects.ts'
import { KeysError } from './keysError.ts'
import { publish, signingKeyIn } from './keyPair.ts'

export interface KeyKeeperOptions {
  readonly client: RequestingClient
  readonly clock: Clock
  /** The Secret that holds the signing key. */
  readonly secret: ObjectName
  /** The ConfigMap that the node roles have their public keys from; undefined: the public key is distributed in another way. */
  readonly publicKeys?: ObjectName | undefined
}

/**
 * How often the objects are read again. Kubelets bring a changed ConfigMap to the pods in about two minutes, so a public key that was
 * there at the reading before is known to the node roles.
 */
const readEveryMs = 180_000

/**
 * KeyKeeper keeps the signing key in a Secret, and its public half in a ConfigMap. It fills both where they are empty, and never
 * creates them. A key that takes the place of another one is published first, and signs from the next reading on.
 */
export class KeyKeeper {
  /** Resolves once there is a signing key, or when `keep` has ended. */
  readonly hasKey: Promise<void>
  readonly #options: KeyKeeperOptions
  readonly #ready: () => void
  #key: NamedKey | undefined

  constructor(options: KeyKeeperOptions) {
    this.#options = options
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.hasKey = promise.then(() => undefined)
    this.#ready = () => resolve(undefined)
  }

  /** Returns the key that signs now. Throws a `SvidwatchError` with code `signing_key` if there is none yet. */
  readonly signingKey = (): Promise<NamedKey> => {
    if (this.#key !== undefined) return Promise.resolve(this.#key)
    return Promise.reject(new SvidwatchError('signing_key', 'nodeFindings.signingSecret: there is no key yet'))
  }

  /**
   * Reads the objects now and every three minutes, and fills them if they are empty, until `signal` aborts. Calls `onFault` after each
   * failed attempt, which is retried, and with undefined after each success. Never rejects.
   */
  async keep(onFault: (fault: KeysError | undefined) => void, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    while (!signal.aborted) {
      const isRead = await retry<true>({
        ...{ clock, signal, waitAfter },
        attempt: () => this.#read(signal),
        failed: (thrown) => {
          onFault(faultOf(thrown))
          return undefined
        },
      })
      if (isRead === true) onFault(undefined)
      await clock.sleep(readEveryMs * (0.9 + 0.2 * clock.random()), signal)
    }
    this.#ready()
  }

  async #read(signal: AbortSignal): Promise<true> {
    const { client, secret, publicKeys } = this.#options
    const stored = await signingKeyIn(client, secret, signal)
    const key = (this.#key ??= stored)
    this.#ready()
    const accepted = publicKeys && (await publish(client, publicKeys, stored, signal))
    if (accepted === undefined || accepted.has(stored.keyId) || !accepted.has(key.keyId)) this.#key = stored
    return true
  }
}

const faultOf = (thrown: unknown): KeysError =>
  thrown instanceof KeysError ? thrown : new KeysError('internal', messageOf(thrown))

const waitAfter = (thrown: unknown): Wait =>
  thrown instanceof KeysError && thrown.cause instanceof KubernetesError
    ? { retryAfterMs: thrown.cause.retryAfterMs }
    : {}
