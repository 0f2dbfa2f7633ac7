import type { Clock } from '../../clock.ts'
import type { Followers } from '../changes.ts'
import { addReason, noReasons } from '../counts.ts'
import type { SourceName, SourceStep } from './observations.ts'
import { rejectionReasons, troubleReasons, type RejectionReason, type TroubleReason } from './reasons.ts'
import { Sights } from './sight.ts'
import type { Refusal, SourceStatus } from './view.ts'

/** What a source has met so far. */
interface Met {
  readonly troubles: Map<TroubleReason, number>
  readonly rejections: Map<RejectionReason, number>
  lastRejected: SourceStatus['lastRejected']
}

/** How many refused inputs are kept to be shown; the same one, refused again and again, is one of them. */
const lastShown = 10

/** The sources of this process: whether each sees its system, and what it refused. */
export class Sources {
  readonly #followers: Followers
  readonly #sights: Sights<TroubleReason>
  readonly #met: ReadonlyMap<SourceName, Met>

  constructor(clock: Clock, sources: readonly SourceName[], followers: Followers) {
    this.#followers = followers
    this.#sights = new Sights('source', clock, followers)
    this.#met = new Map(sources.map((source) => [source, nothingYet()]))
    for (const source of sources) this.#sights.add(source)
  }

  take(step: SourceStep): void {
    switch (step.kind) {
      case 'contact':
        return this.#sights.contact(step.source)
      case 'trouble':
        this.#sights.lose(step.source, step.reason, step.detail)
        return this.count(step.source, step.reason)
      case 'rejected':
        return this.refuse(step)
    }
  }

  /** Counts trouble with a part of what the source watches: the source sees the rest. */
  count(source: SourceName, reason: TroubleReason): void {
    addReason(this.#metBy(source).troubles, reason)
  }

  refuse({ source, reason, where, detail }: Refusal): void {
    const met = this.#metBy(source)
    addReason(met.rejections, reason)
    const others = met.lastRejected.filter(
      (other) => other.reason !== reason || other.where !== where || other.detail !== detail,
    )
    met.lastRejected = [...others, { reason, where, detail }].slice(-lastShown)
    this.#followers.notify('refused', { source, reason, where, detail })
  }

  /** When the source last had evidence of its system; undefined: never, or it is none of this process. */
  lastContactMs(source: SourceName): number | undefined {
    return this.#sights.lastContactMs(source)
  }

  /** What is known of one source; undefined: it is none of this process. */
  of(source: SourceName): SourceStatus | undefined {
    const met = this.#met.get(source)
    return met && { source, ...this.#sights.view(source), ...met }
  }

  all(): readonly SourceStatus[] {
    return [...this.#met].map(([source, met]) => ({ source, ...this.#sights.view(source), ...met }))
  }

  #metBy(source: SourceName): Met {
    const met = this.#met.get(source)
    if (met === undefined) throw new Error(`the ledger was not told of the source ${source}`)
    return met
  }
}

const nothingYet = (): Met => ({
  troubles: noReasons(troubleReasons),
  rejections: noReasons(rejectionReasons),
  lastRejected: [],
})
