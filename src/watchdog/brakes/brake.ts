import type { Candidate, Situation } from '../candidate.ts'
import type { RestartCause } from '../causes.ts'
import type { HoldReason } from '../holdReasons.ts'
import type { History } from '../history/history.ts'
import type { Policy } from '../policy.ts'
import type { Tally } from './tally.ts'

/** What a brake looks at beside the candidate. */
export interface Context {
  readonly situation: Situation
  readonly policy: Policy
  /** With what was granted in this decision so far. */
  readonly history: History
  /** Of that history. */
  readonly tally: Tally
  /** Ms since the Unix epoch, by the clock of the API server. */
  readonly nowMs: number
  /** The pods that have a problem which a new pod could heal. */
  readonly stalePods: ReadonlySet<string>
  /** The pods that were not renewed, by node and by issuer. */
  readonly unrenewed: { readonly onNode: ReadonlyMap<string, number>; readonly ofIssuer: ReadonlyMap<string, number> }
}

/** One reason for which a pod is not restarted that has a problem which a new pod could heal, and whether it applies. */
export interface Brake {
  readonly reason: HoldReason
  readonly holds: (candidate: Candidate, context: Context, cause: RestartCause) => boolean
}
