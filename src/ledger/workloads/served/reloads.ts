import type { Clock } from '../../../clock.ts'
import type { Followers } from '../../changes.ts'
import { issuedMsOf, type KnownPod, type Svid } from '../svid.ts'
import { writtenMsOf, type SvidCopy } from '../svidCopy.ts'
import type { ServedSide } from './servedSide.ts'

export interface ReloadsOptions {
  readonly clock: Clock
  readonly followers: Followers
}

/** Reloads tells when a server presents an SVID that was issued. */
export class Reloads {
  readonly #options: ReloadsOptions
  /** An earlier process may have told of what was mounted before this one began. */
  readonly #startedMs: number

  constructor(options: ReloadsOptions) {
    this.#options = options
    this.#startedMs = options.clock.now()
  }

  /** Must be called when another SVID may be served than `before`. */
  mayBePresented(
    { hasLeft }: KnownPod,
    { served, issued: side, mounted, place }: Svid,
    before: ServedSide | undefined,
  ): void {
    const { clock, followers } = this.#options
    const issued = side?.issued
    if (hasLeft || !served || !issued || !followers.has('presented')) return
    if (isSame(served.copy, before?.copy) || !isSame(served.copy, issued)) return
    const mountedMs = mountedMsOf(served.copy, mounted?.copy)
    const issuedMs = issuedMsOf(issued)
    if ((mountedMs ?? issuedMs) < this.#startedMs) return
    const times = { issuedMs, mountedMs, seenMs: clock.now() }
    followers.notify('presented', { requestUid: issued.uid, place, port: served.port, ...times })
  }
}

const isSame = (one: SvidCopy, other: SvidCopy | undefined): boolean => one.svid.fingerprint === other?.svid.fingerprint

/** Returns when the file with the served SVID was written; undefined if nobody knows, or if the file has another one. */
function mountedMsOf(served: SvidCopy, mounted: SvidCopy | undefined): number | undefined {
  return mounted && isSame(served, mounted) ? writtenMsOf(mounted) : undefined
}
