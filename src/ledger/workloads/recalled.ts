import type { Pods } from './pods.ts'
import type { RememberedSvid } from './remembered.ts'
import type { KnownPod } from './svid.ts'

/** Recalled holds the SVIDs that an earlier process has remembered, by pod and volume, until their pods have been listed. */
export class Recalled {
  readonly #svids = new Map<string, RememberedSvid>()

  add(svids: readonly RememberedSvid[]): void {
    for (const svid of svids) this.#svids.set(`${svid.podUid}/${svid.volume}`, svid)
  }

  all(): Iterable<RememberedSvid> {
    return this.#svids.values()
  }

  /** Takes out and returns the SVIDs of pods in what was listed. Forgets those of pods that do not exist once everything was. */
  take(pods: Pods, known: ReadonlyMap<string, KnownPod>): readonly (readonly [RememberedSvid, KnownPod])[] {
    const taken: (readonly [RememberedSvid, KnownPod])[] = []
    for (const [name, svid] of this.#svids) {
      const owner = known.get(svid.podUid)
      if (owner === undefined || !pods.hasListed(owner.pod.namespace)) continue
      this.#svids.delete(name)
      taken.push([svid, owner])
    }
    if (pods.listed) this.#svids.clear()
    return taken
  }
}
