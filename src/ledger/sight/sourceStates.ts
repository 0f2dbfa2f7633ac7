import type { Clock } from '../../clock.ts'
import type { Observation } from '../observations.ts'
import type { SourceName } from './observations.ts'
import { rejectionReasons, troubleReasons, type RejectionReason, type TroubleReason } from './reasons.ts'
import { shown, Sight } from './sight.ts'
import type { SourceStatus } from './view.ts'
import { zeros } from '../reasonCounts.ts'

export type Rejected = Extract<Observation, { kind: 'rejected' }>
type Trouble = Extract<Observation, { kind: 'trouble' }>

interface State {
  readonly sight: Sight
  concluded: boolean
  readonly troubles: Map<TroubleReason, number>
  readonly rejections: Map<RejectionReason, number>
  lastRejected: SourceStatus['lastRejected']
}

/** How many refused inputs are kept to be shown: one that says the same again and again is one of them. */
const lastShown = 10

/** What each source sees of its system, and what it refused. */
export class SourceStates {
  readonly #states: Map<SourceName, State>

  constructor(clock: Clock, sources: readonly SourceName[]) {
    this.#states = new Map(sources.map((source) => [source, fresh(clock)]))
  }

  contact(source: SourceName): void {
    const state = this.#state(source)
    state.concluded = true
    state.sight.contact()
  }

  trouble({ source, reason, detail }: Trouble): void {
    const state = this.#state(source)
    state.concluded = true
    state.sight.lose(reason, detail)
    this.count(source, reason)
  }

  /** Counts trouble with a part of what the source watches: it sees the rest. */
  count(source: SourceName, reason: TroubleReason): void {
    const { troubles } = this.#state(source)
    troubles.set(reason, (troubles.get(reason) ?? 0) + 1)
  }

  rejected({ source, reason, where, detail }: Rejected): void {
    const state = this.#state(source)
    state.rejections.set(reason, (state.rejections.get(reason) ?? 0) + 1)
    const others = state.lastRejected.filter(
      (other) => other.reason !== reason || other.where !== where || other.detail !== detail,
    )
    state.lastRejected = [...others, { reason, where, detail }].slice(-lastShown)
  }

  /** When the source last saw its system: now, as long as it sees it; undefined: never, or it is none of this process. */
  lastContactMs(source: SourceName): number | undefined {
    return this.#states.get(source)?.sight.lastContactMs
  }

  /** What is known of one source; undefined: it is none of this process. */
  of(source: SourceName): SourceStatus | undefined {
    const state = this.#states.get(source)
    return state && statusOf(source, state)
  }

  all(): readonly SourceStatus[] {
    return [...this.#states].map(([source, state]) => statusOf(source, state))
  }

  #state(source: SourceName): State {
    const state = this.#states.get(source)
    if (state === undefined) throw new Error(`the ledger was not told of a source ${source}`)
    return state
  }
}

const statusOf = (source: SourceName, { sight, ...state }: State): SourceStatus => ({
  source,
  ...state,
  ...shown(sight),
})

const fresh = (clock: Clock): State => ({
  sight: new Sight(clock),
  concluded: false,
  troubles: zeros(troubleReasons),
  rejections: zeros(rejectionReasons),
  lastRejected: [],
})
