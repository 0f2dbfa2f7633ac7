import type { TrustBundle } from '../../identity/trustBundle.ts'

interface Shared {
  readonly key: string
  readonly bundle: TrustBundle
  /** How many have taken it. */
  holders: number
}

/**
 * SharedBundles keeps one object for equal trust bundles, because most volumes have the same one: of up to 64 authorities, some 20 kB.
 * Whoever counts bundles can count objects.
 */
export class SharedBundles {
  readonly #byContent = new Map<string, Shared>()
  readonly #byObject = new Map<TrustBundle, Shared>()

  /** Returns the shared bundle that is equal to `bundle`. Whoever takes one must release it once. */
  take(bundle: TrustBundle): TrustBundle {
    const shared = this.#byObject.get(bundle) ?? this.#equalTo(bundle)
    shared.holders += 1
    return shared.bundle
  }

  /** One of those who took the bundle has it no longer. */
  release(bundle: TrustBundle): void {
    const shared = this.#byObject.get(bundle)
    if (shared === undefined) return
    shared.holders -= 1
    if (shared.holders > 0) return
    this.#byObject.delete(bundle)
    this.#byContent.delete(shared.key)
  }

  /** Takes `after` for one who has taken `before`. Returns the shared bundle. */
  replace(before: TrustBundle | undefined, after: TrustBundle | undefined): TrustBundle | undefined {
    const shared = after && this.take(after)
    if (before) this.release(before)
    return shared
  }

  #equalTo(bundle: TrustBundle): Shared {
    const key = keyOf(bundle)
    const known = this.#byContent.get(key)
    if (known) return known
    const shared = { key, bundle, holders: 0 }
    this.#byContent.set(key, shared)
    this.#byObject.set(bundle, shared)
    return shared
  }
}

/** A fingerprint says all of a certificate, unless the node role that tells of it lies. So all that is told makes a bundle another one. */
const keyOf = ({ certificates, authorities, newestNotAfterMs }: TrustBundle): string =>
  [certificates, newestNotAfterMs, ...authorities.map(textOf)].join(' ')

const textOf = ({ fingerprint, keyId, notBeforeMs, notAfterMs }: TrustBundle['authorities'][number]): string =>
  `${fingerprint} ${keyId} ${notBeforeMs} ${notAfterMs}`
