import { SvidwatchError } from '../../errors.ts'
import type { BundleProblem } from '../../ledger/bundles/reasons.ts'

/** An attempt to fetch a bundle failed. `code` is the reason; the message has the details. */
export class BundleFailure extends SvidwatchError<BundleProblem> {}
