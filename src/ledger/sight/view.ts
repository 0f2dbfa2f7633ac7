import type { SourceName, SourceStep } from './observations.ts'
import type { RejectionReason, TroubleReason } from './reasons.ts'

/** The kinds of targets: a source of this process, the node role of a node, the bundle endpoint of a trust domain. */
export type TargetKind = 'source' | 'node' | 'bundle'

/** Whether a target can be seen. Times are ms since the Unix epoch. */
export interface SightView<Reason extends string> {
  /** The first attempt to see the target has ended, in success or failure. */
  readonly concluded: boolean
  readonly up: boolean
  /** The last contact with the target; undefined: never. */
  readonly lastContactMs?: number
  /** Why the target cannot be seen at present, and since when for this reason. */
  readonly trouble?: { readonly reason: Reason; readonly detail: string; readonly sinceMs: number }
  /** How it is known that the target does not exist and never has, and since when. */
  readonly absent?: { readonly detail: string; readonly sinceMs: number }
  /** Since when the target cannot be seen, whatever the reasons since then; undefined while it can. */
  readonly lostMs?: number
}

/**
 * A change of sight. A target can be seen for the first time (`seen`), can be seen again (`found`), cannot be seen for a new reason
 * (`lost`), does not exist and never has (`absent`), or no longer exists (`gone`).
 */
export type SightChange = { readonly target: TargetKind; readonly name: string } & (
  | { readonly is: 'seen' | 'found' | 'gone' }
  | { readonly is: 'absent'; readonly detail: string }
  | { readonly is: 'lost'; readonly reason: string; readonly detail: string }
)

/** One input that was refused, by a source or by the ledger. */
export type Refusal = Omit<Extract<SourceStep, { readonly kind: 'rejected' }>, 'kind'>

/** The status of one source. */
export interface SourceStatus extends SightView<TroubleReason> {
  readonly source: SourceName
  /** How often the source had trouble, by reason. Has every reason. */
  readonly troubles: ReadonlyMap<TroubleReason, number>
  /** How many inputs the source refused, by reason. Has every reason. */
  readonly rejections: ReadonlyMap<RejectionReason, number>
  /** The last few refused inputs, the newest last. */
  readonly lastRejected: readonly Omit<Refusal, 'source'>[]
  /** How many of the things that it watches have no place at present, and are not watched. */
  readonly withoutPlace: number
}
