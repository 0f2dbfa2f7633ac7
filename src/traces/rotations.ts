import type { Clock } from '../clock.ts'
import type { Follow } from '../ledger/changes.ts'
import type { RequestObservation } from '../ledger/issuance/observations.ts'
import type { ConcludedRequest } from '../ledger/issuance/view.ts'
import type { LedgerView } from '../ledger/view.ts'
import type { MountedSvid, RequestPlace } from '../ledger/workloads/view.ts'
import type { Mount } from './rotation.ts'

/** A rotation whose spans can be made. */
export interface FinishedRotation {
  readonly request: RequestObservation
  readonly observedMs: number
  readonly mount: Mount | undefined
  /** Where the SVID belongs, if that is known. */
  readonly place: RequestPlace | undefined
  /** What was counted of the request; undefined if an earlier process may have counted it. */
  readonly concluded: ConcludedRequest | undefined
  /** What was counted of the mount. */
  readonly delivery: MountedSvid['delivery']
}

export interface RotationsOptions {
  readonly clock: Clock
  readonly follow: Follow
  readonly placeOf: LedgerView['placeOf']
  /**
   * Called once for each rotation, when nothing more is expected of it: by `sweep` and `close`, so that whoever changes the ledger does
   * not wait for its spans.
   */
  readonly finished: (rotation: FinishedRotation) => void
}

/** How long an issued SVID may take to be mounted, ms. A rotation whose mount takes longer leaves without it. */
export const mountWaitMs = 60_000

/** Node roles are heard this long after the start, ms. Until then, a node without one may still get one. */
const settleMs = 30_000

/**
 * A request that ended this long before the start, ms, is told again: the process before may not have sent its spans. The ids are the same,
 * so that a back end has one trace.
 */
export const againMs = 3 * 60_000

/** The most rotations that wait for their mount. The oldest of more leave without it. */
const maxWaiting = 10_000

interface Waiting {
  readonly request: RequestObservation
  readonly observedMs: number
  readonly concluded: ConcludedRequest | undefined
  /** In the time of `Clock.monotonicMs`. */
  readonly untilMs: number
}

/** Rotations follows requests from their end to their mount. */
export class Rotations {
  readonly #options: RotationsOptions
  readonly #startedMs: number
  /** By the uid of the request, the oldest first. */
  readonly #waiting = new Map<string, Waiting>()
  /** In the order in which nothing more was expected of them. */
  readonly #finished: FinishedRotation[] = []
  /** What was counted of mounts whose request is not told yet, because its count is not committed. */
  readonly #deliveries = new Map<string, MountedSvid['delivery']>()
  readonly #endFollowing: readonly (() => void)[]

  constructor(options: RotationsOptions) {
    this.#options = options
    this.#startedMs = options.clock.monotonicMs()
    const { follow, clock } = options
    this.#endFollowing = [
      follow('concluded', (concluded) => this.#ended(concluded.request, concluded)),
      follow('endedBefore', (request) => {
        if (clock.now() - (request.concludedMs ?? -Infinity) <= againMs) this.#ended(request, undefined)
      }),
      follow('mounted', (mounted) => this.#mounted(mounted)),
    ]
  }

  /**
   * Lets go of the rotations that have waited long enough, or for whose node nobody sees the files, and passes on all that have
   * finished. Must be run now and then. Yields where it may be interrupted: there may be thousands.
   */
  *sweep(): Generator<undefined, void> {
    const nowMs = this.#options.clock.monotonicMs()
    const isSettled = nowMs - this.#startedMs >= settleMs
    for (const waiting of this.#waiting.values()) {
      const place = this.#options.placeOf(waiting.request)
      if (place?.mounted || nowMs >= waiting.untilMs || (isSettled && place?.isSeen === false))
        this.#finish(waiting, place)
      yield
    }
    for (const rotation of this.#finished.splice(0)) {
      this.#options.finished(rotation)
      yield
    }
  }

  /** Lets go of all rotations, and follows nothing any more. */
  close(): void {
    for (const end of this.#endFollowing) end()
    for (const waiting of this.#waiting.values()) this.#finish(waiting, this.#options.placeOf(waiting.request))
    for (const rotation of this.#finished.splice(0)) this.#options.finished(rotation)
  }

  #ended(request: RequestObservation, concluded: ConcludedRequest | undefined): void {
    const { clock, placeOf } = this.#options
    const nowMs = clock.monotonicMs()
    const waiting = { request, observedMs: clock.now(), concluded, untilMs: nowMs + mountWaitMs }
    const place = placeOf(request)
    const isKnownUnseen = place?.isSeen === false && nowMs - this.#startedMs >= settleMs
    if (request.state !== 'issued' || request.owner === undefined || place?.mounted || isKnownUnseen)
      return this.#finish(waiting, place)
    this.#waiting.set(request.uid, waiting)
    if (this.#waiting.size > maxWaiting) this.#finishOldest()
  }

  #mounted({ requestUid, place, delivery }: MountedSvid): void {
    if (delivery) this.#note(requestUid, delivery)
    const waiting = this.#waiting.get(requestUid)
    if (waiting) this.#finish(waiting, place)
  }

  #note(requestUid: string, delivery: MountedSvid['delivery']): void {
    this.#deliveries.set(requestUid, delivery)
    const [oldest] = this.#deliveries.keys()
    if (this.#deliveries.size > maxWaiting && oldest !== undefined) this.#deliveries.delete(oldest)
  }

  #finishOldest(): void {
    const [oldest] = this.#waiting.values()
    if (oldest) this.#finish(oldest, this.#options.placeOf(oldest.request))
  }

  #finish({ request, observedMs, concluded }: Waiting, place: RequestPlace | undefined): void {
    const delivery = this.#deliveries.get(request.uid)
    this.#deliveries.delete(request.uid)
    this.#waiting.delete(request.uid)
    const mount = request.state === 'issued' ? mountOf(place, this.#options.clock.now()) : undefined
    this.#finished.push({ request, observedMs, concluded, place, mount, delivery })
  }
}

/** A file system may not tell when a file was written. Then the time counts at which the file was seen. */
function mountOf(place: RequestPlace | undefined, nowMs: number): Mount | undefined {
  if (place?.mounted === undefined) return undefined
  const { writtenMs } = place.mounted
  return { place, at: writtenMs === undefined ? { ms: nowMs, source: 'observed' } : { ms: writtenMs, source: 'file' } }
}
