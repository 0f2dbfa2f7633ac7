import type { Endpoint } from './endpointSlice.ts'
import { Follower, type FollowerOptions } from './follower.ts'
import { Turnstile } from './turnstile.ts'

export type FollowersOptions = Pick<FollowerOptions, 'clock' | 'signer' | 'report' | 'signal'>

/** So many connections are being opened at once. Those to nodes that are gone take 5 s of their place each. */
const connectingAtOnce = 100

/** What so many node roles tell first is read at once: all of them together would keep scrapes and probes waiting. */
const takingInAtOnce = 16

/** Follows the node role of each node, at one endpoint each. */
export class Followers {
  readonly #options: FollowersOptions
  readonly #connecting = new Turnstile(connectingAtOnce)
  readonly #takingIn = new Turnstile(takingInAtOnce)
  readonly #followers = new Map<string, { readonly follower: Follower; readonly stop: AbortController }>()
  /** Those that are stopped end a little later. */
  readonly #running = new Set<Promise<void>>()

  constructor(options: FollowersOptions) {
    this.#options = options
  }

  /** Follows these endpoints, by node, from now on, and no others. */
  follow(endpoints: ReadonlyMap<string, Endpoint>): void {
    for (const [node, { follower, stop }] of this.#followers) {
      const endpoint = endpoints.get(node)
      if (endpoint !== undefined && isSame(endpoint, follower.endpoint)) continue
      stop.abort()
      this.#followers.delete(node)
      if (endpoint === undefined) this.#options.report({ kind: 'nodeEndpointGone', node })
    }
    for (const [node, endpoint] of endpoints) if (!this.#followers.has(node)) this.#start(node, endpoint)
  }

  /** Resolves when the first attempt at each of those that are followed now has concluded. */
  async concluded(): Promise<void> {
    await Promise.all([...this.#followers.values()].map(({ follower }) => follower.concluded))
  }

  /** Resolves when everything is closed, soon after the signal has aborted. */
  async ended(): Promise<void> {
    await Promise.all(this.#running)
  }

  #start(node: string, endpoint: Endpoint): void {
    const stop = new AbortController()
    const places = { connecting: this.#connecting, takingIn: this.#takingIn }
    const signal = AbortSignal.any([this.#options.signal, stop.signal])
    const follower = new Follower({ ...this.#options, ...places, endpoint, signal })
    this.#followers.set(node, { follower, stop })
    const running = follower.run().finally(() => this.#running.delete(running))
    this.#running.add(running)
  }
}

function isSame(one: Endpoint, other: Endpoint): boolean {
  return one.address === other.address && one.port === other.port
}
