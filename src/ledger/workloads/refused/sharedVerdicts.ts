import type { Verdict } from '../../../identity/verdict.ts'

/** More authorities than a cluster has. The table is emptied when it is full, and fills again. */
const maxShared = 1_024

const shared = new Map<string, Verdict>()

/**
 * Returns the shared verdict that is equal to `verdict`, because the SVIDs of one authority have equal verdicts, which would take
 * some 200 bytes for each copy. A refusal is returned as it is: its detail tells of one SVID.
 */
export function sharedVerdict(verdict: Verdict | undefined): Verdict | undefined {
  if (verdict === undefined || 'refusal' in verdict) return verdict
  const { authority, period } = verdict
  const key = `${authority} ${period.notBeforeMs} ${period.notAfterMs}`
  const known = shared.get(key)
  if (known !== undefined) return known
  if (shared.size === maxShared) shared.clear()
  shared.set(key, verdict)
  return verdict
}
