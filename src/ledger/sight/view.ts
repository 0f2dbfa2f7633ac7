import type { SourceName, SourceStep } from './observations.ts'
import type { RejectionReason, TroubleReason } from './reasons.ts'

/** What can be seen or not: a source of this process, the node role of a node, the bundle endpoint of a trust domain. */
export type TargetKind = 'source' | 'node' | 'bundle'

/** How well a target can be seen. Times are ms since the Unix epoch. */
export interface SightView<Reason extends string> {
  /** The first look has concluded, well or badly. */
  readonly concluded: boolean
  readonly up: boolean
  /** When evidence of the target came last; undefined: never. */
  readonly lastContactMs?: number
  /** Why it cannot be seen at present, and since when. */
  readonly trouble?: { readonly reason: Reason; readonly detail: string; readonly sinceMs: number }
}

/**
 * A target can be seen for the first time (`seen`), again (`found`), or not, for a reason that is new (`lost`); or nobody offers
 * it any more (`gone`).
 */
export type SightChange = { readonly target: TargetKind; readonly name: string } & (
  { readonly is: 'seen' | 'found' | 'gone' } | { readonly is: 'lost'; readonly reason: string; readonly detail: string }
)

/** One input that was refused, by a source or by the ledger. */
export type Refusal = Omit<Extract<SourceStep, { readonly kind: 'rejected' }>, 'kind'>

/** What is known of one source. */
export interface SourceStatus extends SightView<TroubleReason> {
  readonly source: SourceName
  /** How often it got into trouble, by reason; every reason is there. */
  readonly troubles: ReadonlyMap<TroubleReason, number>
  /** How many inputs it refused, by reason; every reason is there. */
  readonly rejections: ReadonlyMap<RejectionReason, number>
  /** The last inputs that it refused, newest last; a few. */
  readonly lastRejected: readonly Omit<Refusal, 'source'>[]
}
