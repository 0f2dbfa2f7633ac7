import { volumeHash } from '../../identity/volumeHash.ts'
import type { Pods } from './pods.ts'
import type { RememberedSvid } from './remembered.ts'
import { partsOfKey, type IssuedSide, type KnownPod, type Svid } from './svid.ts'

/** A remembered SVID, its pod, and the SVID of its volume. */
export type RecalledSvid = readonly [RememberedSvid, KnownPod, Svid]

/** Recalled holds the SVIDs that an earlier process has remembered, by pod and volume, until their pods have been listed. */
export class Recalled {
  readonly #svids = new Map<string, RememberedSvid>()

  add(svids: readonly RememberedSvid[]): void {
    for (const svid of svids) this.#svids.set(keyOf(svid.podUid, volumeHash(svid.podUid, svid.volume)), svid)
  }

  all(): Iterable<RememberedSvid> {
    return this.#svids.values()
  }

  /** Returns since when an SVID has been asked for without an answer, ms since the Unix epoch; undefined if that is not remembered. */
  askedMs({ podUid, key }: IssuedSide): number | undefined {
    return this.#svids.size === 0 ? undefined : this.#svids.get(keyOf(podUid, partsOfKey(key).hash))?.askedMs
  }

  /** Takes out and returns the SVIDs of pods in what was listed. Forgets those of pods that do not exist once everything was. */
  take(pods: Pods, known: ReadonlyMap<string, KnownPod>): readonly RecalledSvid[] {
    const taken: RecalledSvid[] = []
    for (const [key, svid] of this.#svids) {
      const owner = known.get(svid.podUid)
      if (owner === undefined || !pods.hasListed(owner.pod.namespace)) continue
      this.#svids.delete(key)
      const place = owner.svids.find(({ place: { volume } }) => volume === svid.volume)
      if (place) taken.push([svid, owner, place])
    }
    if (pods.listed) this.#svids.clear()
    return taken
  }
}

const keyOf = (podUid: string, hash: string): string => `${podUid}/${hash}`
