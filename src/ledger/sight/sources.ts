import type { Clock, Instant } from '../../clock.ts'
import type { Followers } from '../changes.ts'
import { addReason, noReasons } from '../counts.ts'
import { customResources, type SourceName, type SourceStep } from './observations.ts'
import { rejectionReasons, troubleReasons, type RejectionReason, type TroubleReason } from './reasons.ts'
import { Sights } from './sight.ts'
import type { Refusal, SourceStatus } from './view.ts'

/** What was counted for a source so far, and its last refused inputs. */
interface SourceCounts {
  readonly troubles: Map<TroubleReason, number>
  readonly rejections: Map<RejectionReason, number>
  lastRejected: SourceStatus['lastRejected']
}

/** An input that is refused again and again is kept once. */
const maxLastRejected = 10

/** Sources holds the sources of this process: whether each sees its system, and what it refused. */
export class Sources {
  readonly #followers: Followers
  readonly #sights: Sights<TroubleReason>
  readonly #counts: ReadonlyMap<SourceName, SourceCounts>
  /** The sources of custom resources whose CRD was installed at some time. */
  readonly #installed = new Set<SourceName>()

  constructor(clock: Clock, sources: readonly SourceName[], followers: Followers) {
    this.#followers = followers
    this.#sights = new Sights('source', clock, followers)
    this.#counts = new Map(sources.map((source) => [source, noCounts()]))
    for (const source of sources) this.#sights.add(source)
  }

  take(step: SourceStep): void {
    switch (step.kind) {
      case 'contact':
        if (step.source in customResources) this.#installed.add(step.source)
        return this.#sights.contact(step.source)
      case 'trouble':
        return this.#lose(step.source, step.reason, step.detail)
      case 'absent':
        if (this.#installed.has(step.source)) return this.#lose(step.source, 'not_found', step.detail)
        return this.#sights.absent(step.source, step.detail)
      case 'rejected':
        return this.refuse(step)
    }
  }

  /** Restores which sources of custom resources an earlier process has seen. One that is absent has lost sight. */
  restore(installed: readonly SourceName[]): void {
    for (const source of installed) {
      if (!(source in customResources)) continue
      this.#installed.add(source)
      const { absent } = this.status(source) ?? {}
      if (absent) this.#lose(source, 'not_found', absent.detail)
    }
  }

  /** Returns the sources of custom resources to remember over a restart. Those that are no longer watched are forgotten. */
  memory(): readonly SourceName[] {
    return [...this.#installed].filter((source) => this.#counts.has(source)).sort()
  }

  /** Counts trouble with a part of what the source watches, while it sees the rest. */
  count(source: SourceName, reason: TroubleReason): void {
    addReason(this.#countsOf(source).troubles, reason)
  }

  refuse({ source, reason, where, detail }: Refusal): void {
    const counts = this.#countsOf(source)
    addReason(counts.rejections, reason)
    const others = counts.lastRejected.filter(
      (other) => other.reason !== reason || other.where !== where || other.detail !== detail,
    )
    counts.lastRejected = [...others, { reason, where, detail }].slice(-maxLastRejected)
    this.#followers.notify('refused', { source, reason, where, detail })
  }

  /** Returns the last contact of a source; undefined: never, or another process's source. */
  lastContact(source: SourceName): Instant | undefined {
    return this.#sights.lastContact(source)
  }

  /** Returns until when the system of a source is known, ms since the Unix epoch: until the last evidence. Undefined: it was never seen. */
  knownUntilMs(source: SourceName): number | undefined {
    return this.#sights.knownUntilMs(source)
  }

  /** Reports whether a source sees its system, as far as is known. */
  isUp(source: SourceName): boolean {
    return this.#sights.isUp(source)
  }

  /** Returns the status of one source; undefined if it is not a source of this process. */
  status(source: SourceName): SourceStatus | undefined {
    const counts = this.#counts.get(source)
    return counts && { source, ...this.#sights.view(source), ...counts }
  }

  all(): readonly SourceStatus[] {
    return [...this.#counts].map(([source, counts]) => ({ source, ...this.#sights.view(source), ...counts }))
  }

  #lose(source: SourceName, reason: TroubleReason, detail: string): void {
    this.#sights.lose(source, reason, detail)
    this.count(source, reason)
  }

  #countsOf(source: SourceName): SourceCounts {
    const counts = this.#counts.get(source)
    if (counts === undefined) throw new Error(`the ledger was created without the source ${source}`)
    return counts
  }
}

const noCounts = (): SourceCounts => ({
  troubles: noReasons(troubleReasons),
  rejections: noReasons(rejectionReasons),
  lastRejected: [],
})
