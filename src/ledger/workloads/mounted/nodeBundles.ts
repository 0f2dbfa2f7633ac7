import type { TrustBundle } from '../../../identity/trustBundle.ts'
import type { SharedBundles } from '../../trust/sharedBundles.ts'
import type { MountState } from './mountState.ts'

/**
 * The most authorities in the different trust bundles of a node: many times as many as a node has. They take some 300 bytes each, so that a
 * node role that makes up bundles takes no more than a third of a megabyte.
 */
export const maxNodeAuthorities = 1_024

/** NodeBundles holds the different trust bundles in the volumes of one node. */
export class NodeBundles {
  readonly #shared: SharedBundles
  /** How many mounts have each. */
  readonly #counts = new Map<TrustBundle, number>()
  #authorities = 0

  constructor(shared: SharedBundles) {
    this.#shared = shared
  }

  /** Returns the shared bundle that is equal to the one of a mount; undefined if there is no room for it. */
  replace(before: MountState | undefined, after: MountState | undefined): TrustBundle | undefined {
    const bundle = after?.bundle && this.#take(after.bundle)
    if (after?.held?.bundle) this.#take(after.held.bundle)
    if (before?.bundle) this.#release(before.bundle)
    if (before?.held?.bundle) this.#release(before.held.bundle)
    return bundle
  }

  #take(told: TrustBundle): TrustBundle | undefined {
    const bundle = this.#shared.take(told)
    const count = this.#counts.get(bundle) ?? 0
    if (count === 0 && this.#authorities + bundle.authorities.length > maxNodeAuthorities) {
      this.#shared.release(bundle)
      return undefined
    }
    if (count === 0) this.#authorities += bundle.authorities.length
    this.#counts.set(bundle, count + 1)
    return bundle
  }

  #release(bundle: TrustBundle): void {
    const count = this.#counts.get(bundle)
    if (count === undefined) return
    this.#shared.release(bundle)
    if (count > 1) return void this.#counts.set(bundle, count - 1)
    this.#counts.delete(bundle)
    this.#authorities -= bundle.authorities.length
  }
}
