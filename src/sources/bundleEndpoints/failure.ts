import { SvidwatchError } from '../../errors.ts'
import type { BundleProblem } from '../../ledger/bundles/reasons.ts'

/** An attempt to fetch a bundle gave none that can be used: `code` says why, the message what to look at. */
export class BundleFailure extends SvidwatchError<BundleProblem> {}
