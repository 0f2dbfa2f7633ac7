import type { SvidFacts } from '../../ledger/workloads/compared/facts.ts'
import type { DriftCause } from '../../ledger/workloads/view.ts'
import type { DiagnosisCode } from '../codes.ts'
import type { Missed } from '../svids.ts'
import { thresholds } from '../thresholds.ts'
import type { Family } from './families.ts'
import type { Rows } from './rows.ts'

const mountCauses: ReadonlySet<DriftCause> = new Set(['mount_stale', 'mount_detached', 'mount_gone', 'empty_volume'])

/** What is known of an SVID besides its facts. */
export interface Known {
  readonly missed: Missed | undefined
  /** Its issuer is down. */
  readonly isIssuerDown: boolean
  /** Peers refuse it because its trust domain has an authority that is not trusted. */
  readonly isUntrusted: boolean
  readonly isNotIssued: boolean
  /** Now, ms since the Unix epoch. */
  readonly nowMs: number
}

/** Returns the family that a problem of an SVID belongs to; undefined if no common cause is looked for. */
export function familyOf(code: DiagnosisCode, facts: SvidFacts, missed: Missed | undefined): Family | undefined {
  if (code === 'peer_refuses') return 'refusals'
  if (code === 'not_issued') return facts.requested ? undefined : 'issuance'
  if (code === 'renewal_missed' || code === 'expired') return missed && familyOfMissed(facts, missed)
  return mountCauses.has(code as DriftCause) ? 'mounts' : undefined
}

/**
 * Returns the family of a missed renewal. Nobody has asked for the new SVID: the driver is to blame. A newer one was issued, and is not
 * in the containers: the mount is. A request without an answer is the issuer's, which is judged as an outage. While requests cannot be
 * seen, it may be any of these.
 */
function familyOfMissed(facts: SvidFacts, { isUnissued, copy }: Missed): Family | undefined {
  const { requested, requestsKnownMs, staleSinceMs, held, served } = facts
  if (isUnissued) return requested ? undefined : 'renewals'
  if (copy === served) return undefined
  return staleSinceMs !== undefined || copy === held || requestsKnownMs === undefined ? 'mounts' : undefined
}

/** Adds what an SVID says about common causes. What is muted says nothing. */
export function addSighting(rows: Rows, facts: SvidFacts, known: Known): void {
  const copy = facts.mounted ?? facts.issued
  if (facts.muted || facts.labels.pod === '') return
  const validMs = copy?.svid.notBeforeMs ?? -Infinity
  rows.add(facts.labels, Math.max(facts.issuedMs ?? -Infinity, validMs), validMs)
  markRenewal(rows, facts, known)
  if (isUnseen(facts, known)) {
    rows.mark('mounts', 'silent')
    rows.mark('refusals', 'silent')
  } else {
    markMount(rows, facts, known)
    markRefusal(rows, facts, known)
  }
  if (known.isNotIssued) {
    const atMs = facts.waitingSinceMs
    rows.mark('issuance', facts.requested || atMs === undefined ? 'silent' : { atMs, sinceMs: atMs, isProblem: true })
  }
}

/** Reports whether nobody has seen what is mounted, or not for long. What is told of it may be over, and what is not may have begun. */
const isUnseen = ({ mounted, served }: SvidFacts, { nowMs }: Known): boolean =>
  served === undefined && nowMs - (mounted?.knownMs ?? -Infinity) > thresholds.radius.settleMs

function markRenewal(rows: Rows, facts: SvidFacts, { missed, isIssuerDown }: Known): void {
  if (missed) {
    const counts = !isIssuerDown && familyOfMissed(facts, missed) === 'renewals'
    return rows.mark('renewals', counts ? { ...failingSince(missed.copy.renewalDueMs), isProblem: true } : 'silent')
  }
  const copy = newestOf(facts)
  if (copy === undefined) return rows.mark('renewals', 'silent')
  const { requestsKnownMs = -Infinity } = facts
  const { renewalDueMs, knownMs, svid } = copy
  const seenMs = Math.min(requestsKnownMs, knownMs)
  if (renewalDueMs >= seenMs) return
  const lateMs = renewalDueMs + thresholds.radius.lateShare * (svid.notAfterMs - renewalDueMs)
  const isLate = lateMs < seenMs && !facts.requested && !isIssuerDown && facts.seesRequests
  rows.mark('renewals', isLate ? { ...failingSince(renewalDueMs), isProblem: false } : 'silent')
}

const failingSince = (atMs: number) => ({ atMs, sinceMs: atMs })

/** Returns the copy whose renewal is due last. */
function newestOf({ issued, mounted }: SvidFacts): SvidFacts['issued'] {
  if (issued === undefined || mounted === undefined) return issued ?? mounted
  return issued.renewalDueMs > mounted.renewalDueMs ? issued : mounted
}

function markMount(rows: Rows, facts: SvidFacts, { missed }: Known): void {
  const drift = facts.drifts.find(({ cause }) => mountCauses.has(cause))
  const late = missed && familyOfMissed(facts, missed) === 'mounts' ? missed : undefined
  if (drift || late) rows.mark('mounts', { atMs: 0, sinceMs: drift?.sinceMs ?? late?.sinceMs ?? 0, isProblem: true })
  else if (facts.mounted === undefined) rows.mark('mounts', 'silent')
}

function markRefusal(rows: Rows, { refused }: SvidFacts, { isUntrusted }: Known): void {
  if (isUntrusted) rows.mark('refusals', 'silent')
  else if (refused)
    rows.mark('refusals', { atMs: refused.copy.svid.notBeforeMs, sinceMs: refused.sinceMs ?? 0, isProblem: true })
}
