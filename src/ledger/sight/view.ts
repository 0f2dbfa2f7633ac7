import type { SourceName } from './observations.ts'
import type { RejectionReason, TroubleReason } from './reasons.ts'

/** What is known of one source. */
export interface SourceStatus {
  readonly source: SourceName
  /** Its first look has concluded, well or badly. */
  readonly concluded: boolean
  /** It sees its system now. */
  readonly up: boolean
  /** When it last saw its system, ms since the Unix epoch; undefined: never. */
  readonly lastContactMs?: number
  /** The trouble it is in, while it is not up. */
  readonly trouble?: { readonly reason: TroubleReason; readonly detail: string; readonly sinceMs: number }
  /** How often it got into trouble, by reason; every reason is there. */
  readonly troubles: ReadonlyMap<TroubleReason, number>
  /** How many inputs it refused, by reason; every reason is there. */
  readonly rejections: ReadonlyMap<RejectionReason, number>
  /** The last inputs that it refused, newest last; a few. */
  readonly lastRejected: readonly {
    readonly reason: RejectionReason
    readonly where: string
    readonly detail: string
  }[]
}

/** Trouble that something is in at present. */
export interface TroubleView<Reason> {
  readonly reason: Reason
  readonly detail: string
  /** Ms since the Unix epoch. */
  readonly sinceMs: number
}
