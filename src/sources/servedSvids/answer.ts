import type { ProbeOutcome } from '../../ledger/workloads/reasons.ts'

/** Why a probe has no SVID. `detail` is one line of printable text, of bounded length. */
export interface NoSvid {
  readonly outcome: Exclude<ProbeOutcome, 'svid'>
  readonly detail: string
}

/**
 * The DER of the certificate that a server presented, then, if it was needed, that of the chain behind it, in the order of the
 * handshake.
 */
export interface Presented {
  readonly certificates: readonly [Buffer, ...Buffer[]]
}

/** What came of one connection. */
export type Answer = Presented | NoSvid
