import type { Endpoint } from './endpointSlice.ts'
import { Follower, type FollowerOptions } from './follower.ts'
import { Turnstile } from './turnstile.ts'

export type FollowersOptions = Pick<FollowerOptions, 'clock' | 'signer' | 'report' | 'signal'>

/** How many connections are opened at once. One to a node that is gone takes 5 s. */
const maxConnecting = 100

/** How many first snapshots are read at once. All of them at once would keep scrapes and probes waiting. */
const maxSynchronizing = 16

/** Follows the node roles, one endpoint for each node. */
export class Followers {
  readonly #options: FollowersOptions
  readonly #connecting = new Turnstile(maxConnecting)
  readonly #synchronizing = new Turnstile(maxSynchronizing)
  readonly #followers = new Map<string, { readonly follower: Follower; readonly stop: AbortController }>()
  /** Includes followers that were stopped and have not ended yet. */
  readonly #running = new Set<Promise<void>>()

  constructor(options: FollowersOptions) {
    this.#options = options
  }

  /** Follows exactly these endpoints, by node, from now on. */
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

  /** Resolves when there was contact or trouble at each endpoint that is followed now. */
  async concluded(): Promise<void> {
    await Promise.all([...this.#followers.values()].map(({ follower }) => follower.concluded))
  }

  /** Resolves when all followers have ended, soon after the signal has aborted. */
  async ended(): Promise<void> {
    await Promise.all(this.#running)
  }

  #start(node: string, endpoint: Endpoint): void {
    const stop = new AbortController()
    const turnstiles = { connecting: this.#connecting, synchronizing: this.#synchronizing }
    const signal = AbortSignal.any([this.#options.signal, stop.signal])
    const follower = new Follower({ ...this.#options, ...turnstiles, endpoint, signal })
    this.#followers.set(node, { follower, stop })
    const running = follower.run().finally(() => this.#running.delete(running))
    this.#running.add(running)
  }
}

function isSame(one: Endpoint, other: Endpoint): boolean {
  return one.address === other.address && one.port === other.port
}
