import { SvidwatchError } from '../../errors.ts'
import type { TroubleReason } from '../../ledger/sight/reasons.ts'

/** A node role cannot be followed at present. The message does not name its address. */
export class FindingsError extends SvidwatchError<TroubleReason> {}
