import type { Clock } from '../../../clock.ts'
import type { Followers } from '../../changes.ts'
import { secondsBetween } from '../../issuance/attestations.ts'
import type { RequestObservation } from '../../issuance/observations.ts'
import type { CountedAs } from '../../issuance/view.ts'
import { issuedKey, issuedMsOf, type IssuedCopy, type KnownPod, type Svid } from '../svid.ts'
import { writtenMsOf, type SvidCopy } from '../svidCopy.ts'
import type { MountedSvid, RequestPlace } from '../view.ts'

export interface MountsOptions {
  readonly clock: Clock
  readonly followers: Followers
  /** Reports whether the files of a node are seen, or were at some time. */
  readonly hasSeen: (node: string) => boolean
  /** Counts how long an SVID took to be mounted. Returns the names under which that is counted. */
  readonly countMount: (names: { readonly trustDomain: string; readonly issuer: string }, seconds: number) => CountedAs
}

/** A file that was written longer ago is no news: svidwatch has been blind to it, and may have counted it before that. */
const newsMs = 10 * 60_000

/** Mounts tells and counts when an SVID that was issued is in its file. */
export class Mounts {
  readonly #options: MountsOptions
  /** What was written before this process began may have been counted by an earlier one. */
  readonly #startedMs: number

  constructor(options: MountsOptions) {
    this.#options = options
    this.#startedMs = options.clock.now()
  }

  /** Must be called once when the issued and the mounted copy of an SVID may have become the same. */
  mayBeMounted({ hasLeft }: KnownPod, svid: Svid): void {
    const issued = svid.issued?.issued
    const copy = mountedOf(svid)
    if (hasLeft || !issued || !copy || copy.svid.fingerprint !== issued.svid.fingerprint) return
    const delivery = this.#count(issued, copy)
    const { followers } = this.#options
    if (!followers.has('mounted')) return
    const place = this.#placeOf(svid, issued.uid)
    followers.notify('mounted', { requestUid: issued.uid, place, ...(delivery && { delivery }) })
  }

  /** Returns where the SVID of a request belongs; undefined if its pod is not known or has no such volume. */
  placeOf({ uid, namespace, volumeHash }: RequestObservation, pod: KnownPod | undefined): RequestPlace | undefined {
    const key = issuedKey(namespace, volumeHash)
    const svid = pod?.svids.find((one) => one.key === key)
    return svid && this.#placeOf(svid, uid)
  }

  #placeOf(svid: Svid, requestUid: string): RequestPlace {
    const { pod, volume, node } = svid.place
    const issued = svid.issued?.issued
    const copy = mountedOf(svid)
    const isMounted = issued?.uid === requestUid && copy?.svid.fingerprint === issued.svid.fingerprint
    const isSeen = node !== '' && this.#options.hasSeen(node)
    const awaitsServer = isMounted && svid.served && svid.served.copy.svid.fingerprint !== copy.svid.fingerprint
    return {
      ...{ pod, volume, node, isSeen },
      ...(isMounted && { mounted: { writtenMs: writtenMsOf(copy) } }),
      ...(awaitsServer && { awaitsServer }),
    }
  }

  #count(issued: IssuedCopy, copy: SvidCopy): MountedSvid['delivery'] {
    const writtenMs = writtenMsOf(copy)
    const { clock, countMount } = this.#options
    if (writtenMs === undefined || writtenMs < this.#startedMs || clock.now() - writtenMs > newsMs) return undefined
    const seconds = secondsBetween(issuedMsOf(issued), writtenMs, issued.sinceMs, copy.sinceMs)
    if (seconds === undefined) return undefined
    const { trustDomain } = issued.svid
    return { seconds, countedAs: countMount({ trustDomain, issuer: issued.issuer }, seconds) }
  }
}

/** Returns the copy in the file of an SVID, if it can be read. */
function mountedOf({ mounted }: Svid): SvidCopy | undefined {
  return mounted?.problem === undefined ? mounted?.copy : undefined
}
