import { volumeHash } from '../../identity/volumeHash.ts'
import type { RememberedSvid } from './remembered.ts'
import { partsOfKey, type IssuedSide } from './svid.ts'

/** Recalled holds the SVIDs that an earlier process has remembered. */
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

  clear(): void {
    this.#svids.clear()
  }
}

const keyOf = (podUid: string, hash: string): string => `${podUid}/${hash}`
