import { unsyncedReason } from '../ledger/trust/reasons.ts'
import { bundleObjectName, type BundleObjectView } from '../ledger/trust/view.ts'
import type { Judged } from './diagnosis.ts'

/** Judges an object from which trust-manager makes copies of a trust bundle. */
export function judgeBundleObject(view: BundleObjectView, judged: Judged): void {
  const { synced } = view
  if (synced === undefined || synced.is) return
  const name = bundleObjectName(view)
  judged({
    code: 'bundle_unsynced',
    severity: 'warning',
    key: name,
    subject: { bundle: name },
    reason: unsyncedReason(synced.reason),
    sinceMs: synced.sinceMs,
    evidence: { ...(synced.reason !== '' && { condition: synced.reason }), ...messageOf(synced.message) },
    remedy: 'bundle',
    explainedBy: '',
    muted: false,
  })
}

const messageOf = (message: string) => (message === '' ? {} : { message })
