import type { TrustBundle } from '../../identity/trustBundle.ts'
import type { CopyFacts } from '../workloads/compared/copyFacts.ts'
import type { SvidFacts } from '../workloads/compared/facts.ts'
import { BundleVolumes } from './bundleVolumes.ts'
import { SignedSvids } from './signedSvids.ts'

/** More authorities, and more different bundles, than a trust domain has. What comes on top of that is left out. */
const maxDifferent = 256

/** DomainTally gathers who has signed the SVIDs of one trust domain, and who trusts whom, in one walk over the SVIDs. */
export class DomainTally {
  /** By the key id of the authority. */
  readonly signed = new Map<string, SignedSvids>()
  /** By trust bundle: equal ones are one object. */
  readonly bundles = new Map<TrustBundle, BundleVolumes>()
  // Most SVIDs have what the one before had, which saves the look-ups.
  #keyId = ''
  #svids: SignedSvids | undefined
  #bundle: TrustBundle | undefined
  #volumes: BundleVolumes | undefined

  /** Adds an SVID. `isVouchedFor` is as in SignedSvids. */
  addSvid(copy: CopyFacts, isVouchedFor: boolean): void {
    const keyId = copy.svid.authorityKeyId
    if (keyId === undefined || copy.knownMs > copy.svid.notAfterMs || copy.knownMs === -Infinity) return
    if (keyId !== this.#keyId) {
      this.#svids = found(this.signed, keyId, () => new SignedSvids())
      this.#keyId = keyId
    }
    this.#svids?.add(copy)
    if (isVouchedFor && this.#svids) this.#svids.isVouchedFor = true
  }

  /** Adds a volume of a node with its bundle, which is known until `knownMs`, and the SVID beside it. */
  addVolume(bundle: TrustBundle, svid: CopyFacts, node: string, knownMs: number, isNamed: boolean): void {
    if (bundle !== this.#bundle) {
      this.#volumes = found(this.bundles, bundle, () => new BundleVolumes())
      this.#bundle = bundle
    }
    this.#volumes?.add(svid, node, knownMs, isNamed)
  }

  /**
   * Forgets the authorities that nothing proves but what servers present, which may be made up: none of their SVIDs is vouched for, none of the
   * mounted bundles has them, and `isProven` does not know them from before.
   */
  forgetUnproven(isProven: (keyId: string) => boolean): void {
    for (const [keyId, { isVouchedFor }] of this.signed)
      if (!isVouchedFor && !isProven(keyId) && !this.#isMounted(keyId)) this.signed.delete(keyId)
  }

  #isMounted(keyId: string): boolean {
    return this.bundles.keys().some(({ authorities }) => authorities.some((one) => one.keyId === keyId))
  }

  /** Adds an SVID that the trust bundle beside it refuses, as `peer_refuses` tells of it. */
  addOwnRefused({ refused, bundle }: SvidFacts): void {
    const keyId = refused?.copy.svid.authorityKeyId
    if (refused && keyId !== undefined) this.signed.get(keyId)?.addOwnRefused(refused, bundle)
  }
}

/** Returns the value of a key, or a new one if there is room. */
function found<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value | undefined {
  const known = map.get(key)
  if (known !== undefined || map.size === maxDifferent) return known
  const value = make()
  map.set(key, value)
  return value
}
