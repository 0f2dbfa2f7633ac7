import type { X509Svid } from '../../../identity/x509Svid.ts'
import type { SvidLabels } from '../view.ts'

/** One copy of an SVID, as it is judged. Times are ms since the Unix epoch. */
export interface CopyFacts {
  readonly labels: SvidLabels
  readonly svid: X509Svid
  readonly renewalDueMs: number
  /**
   * Until when the copy is known: until the last evidence that it is still as it was, -Infinity if it was never seen, as with a copy
   * that an earlier process has remembered.
   */
  readonly knownMs: number
}
