import type { Clock } from '../../clock.ts'
import type { X509Svid } from '../../identity/x509Svid.ts'

/** Watches of more than 10 minutes gain nothing. Shorter ones than 3 s are of no use, because the last bookmark comes 2 s before the end. */
const longestS = { most: 600, least: 3 }

/** The share of a lifetime that the last evidence of a watch may be old. */
const maxAgeShare = 1 / 100

/**
 * Lifetimes knows the shortest lifetime of the SVIDs that were seen. A renewal is judged as of the last evidence of the watch. Where
 * nothing else happens, that is a bookmark: once a minute, and at the end of the watch. An SVID of 5 minutes expires 73 s after its
 * renewal counts as missed, so its watches are short.
 */
export class Lifetimes {
  readonly #clock: Pick<Clock, 'now'>
  #shortestMs = Infinity

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  /** Must be called for each SVID. One that has expired has no effect. */
  seen({ notBeforeMs, notAfterMs }: Pick<X509Svid, 'notBeforeMs' | 'notAfterMs'>): void {
    if (notAfterMs > this.#clock.now()) this.#shortestMs = Math.min(this.#shortestMs, notAfterMs - notBeforeMs)
  }

  /** Returns how long a watch may last, in seconds. */
  longestWatchS(): number {
    return Math.min(Math.max((this.#shortestMs / 1000) * maxAgeShare, longestS.least), longestS.most)
  }
}
