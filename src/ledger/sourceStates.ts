import type { Clock } from '../clock.ts'
import type { Observation, SourceName } from './observations.ts'
import { rejectionReasons, troubleReasons, type RejectionReason, type TroubleReason } from './reasons.ts'
import type { SourceStatus } from './view.ts'

type Trouble = Extract<Observation, { kind: 'trouble' }>
type Rejected = Extract<Observation, { kind: 'rejected' }>
type State = { -readonly [Field in keyof SourceStatus]: SourceStatus[Field] } & {
  troubles: Map<TroubleReason, number>
  rejections: Map<RejectionReason, number>
  lastRejected: Omit<Rejected, 'kind' | 'source'>[]
}

/** How many refused inputs are kept to be shown. */
const shown = 10

/** What each source sees of its system, and what it refused. */
export class SourceStates {
  readonly #clock: Clock
  readonly #states: Map<SourceName, State>

  constructor(clock: Clock, sources: readonly SourceName[]) {
    this.#clock = clock
    this.#states = new Map(sources.map((source) => [source, fresh(source)]))
  }

  contact(source: SourceName): void {
    const state = this.#state(source)
    state.concluded = true
    state.up = true
    delete state.trouble
  }

  trouble({ source, reason, detail }: Trouble): void {
    const state = this.#state(source)
    if (state.up) state.lastContactMs = this.#clock.now()
    state.concluded = true
    state.up = false
    state.trouble = { reason, detail, sinceMs: state.trouble?.sinceMs ?? this.#clock.now() }
    state.troubles.set(reason, (state.troubles.get(reason) ?? 0) + 1)
  }

  rejected({ source, reason, where, detail }: Rejected): void {
    const state = this.#state(source)
    state.rejections.set(reason, (state.rejections.get(reason) ?? 0) + 1)
    state.lastRejected = [...state.lastRejected, { reason, where, detail }].slice(-shown)
  }

  /** When the source last saw its system: now, as long as it sees it; undefined: never, or it is none of this process. */
  lastContactMs(source: SourceName): number | undefined {
    const state = this.#states.get(source)
    return state?.up ? this.#clock.now() : state?.lastContactMs
  }

  all(): readonly SourceStatus[] {
    return [...this.#states.values()].map((state) => {
      const lastContactMs = this.lastContactMs(state.source)
      return lastContactMs === undefined ? state : { ...state, lastContactMs }
    })
  }

  #state(source: SourceName): State {
    const state = this.#states.get(source)
    if (state === undefined) throw new Error(`the ledger was not told of a source ${source}`)
    return state
  }
}

const zeros = <Reason extends string>(reasons: Record<Reason, string>): Map<Reason, number> =>
  new Map((Object.keys(reasons) as Reason[]).map((reason) => [reason, 0]))

const fresh = (source: SourceName): State => ({
  source,
  concluded: false,
  up: false,
  troubles: zeros(troubleReasons),
  rejections: zeros(rejectionReasons),
  lastRejected: [],
})
