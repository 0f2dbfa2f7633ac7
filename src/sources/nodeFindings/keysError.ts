import { SvidwatchError } from '../../errors.ts'
import type { TroubleReason } from '../../ledger/sight/reasons.ts'

/** The stored keys cannot be used at present. The message names the object, and contains nothing of the keys. */
export class KeysError extends SvidwatchError<TroubleReason> {}
