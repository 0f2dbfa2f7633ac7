import type { CopyFacts, SvidFacts } from '../ledger/workloads/facts.ts'
import type { SvidLabels } from '../ledger/workloads/view.ts'
import type { Remedy } from './codes.ts'
import type { Evidence, Judged, Judgement, Subject } from './diagnosis.ts'
import { thresholds } from './thresholds.ts'

/** A renewal that was missed. Times are ms since the Unix epoch. */
export interface Missed {
  /** The copy that shows it. */
  readonly copy: CopyFacts
  /** Since when the renewal counts as missed. */
  readonly sinceMs: number
  /** No newer SVID was issued, although requests were seen since then. */
  readonly isUnissued: boolean
}

/** Judges one SVID at `nowMs`, ms since the Unix epoch. Calls `judged` with each problem but a missed renewal, which it returns. */
export function judgeSvid(facts: SvidFacts, nowMs: number, judged: Judged): Missed | undefined {
  const { isWaiting, waitingSinceMs = -Infinity, staleSinceMs, problem, isRenewedTooOften } = facts
  const isNotIssued = isWaiting && nowMs - waitingSinceMs >= thresholds.waitingMs
  if (isNotIssued) judged(notIssued(facts))
  if (problem !== undefined) judged(unreadable(facts, problem, isNotIssued))
  if (staleSinceMs !== undefined) judged(mountStale(facts, staleSinceMs))
  if (isRenewedTooOften) judged(renewedTooOften(facts))
  return missedRenewal(facts)
}

/**
 * Returns the missed renewal of an SVID. The mounted copy shows it. The issued copy shows it if the mounted one has not been seen
 * since. Each copy is judged as of when it was last seen, so that losing sight neither begins nor ends a problem.
 */
function missedRenewal(facts: SvidFacts): Missed | undefined {
  const { issued, mounted, staleSinceMs } = facts
  const isStale = staleSinceMs !== undefined
  if (mounted && missedMs(mounted) < mounted.knownMs && (isStale || !isRenewedSince(mounted, issued)))
    return missedBy(mounted, facts)
  if (issued && missedMs(issued) < issued.knownMs && !(mounted && mounted.knownMs > missedMs(issued)))
    return missedBy(issued, facts)
  return undefined
}

function missedBy(copy: CopyFacts, { requestsKnownMs = -Infinity, staleSinceMs }: SvidFacts): Missed {
  const sinceMs = missedMs(copy)
  return { copy, sinceMs, isUnissued: staleSinceMs === undefined && sinceMs < requestsKnownMs }
}

/** Returns when the renewal of a copy counts as missed, ms since the Unix epoch. */
function missedMs({ renewalDueMs, svid }: CopyFacts): number {
  return Math.round(renewalDueMs + thresholds.missedShare * (svid.notAfterMs - renewalDueMs))
}

/** Reports whether a newer SVID was issued that the file may have by now, because the file was last seen before. */
const isRenewedSince = (mounted: CopyFacts, issued: CopyFacts | undefined): boolean =>
  issued !== undefined && issued.renewalDueMs > mounted.knownMs && issued.knownMs > mounted.knownMs

/** Returns the judgement about a missed renewal. An issuer that is down explains it. */
export function missedJudgement(
  facts: SvidFacts,
  { copy, sinceMs }: Missed,
  isExplained: boolean,
  nowMs: number,
): Judgement {
  const { notAfterMs } = copy.svid
  const hasExpired = copy.knownMs > notAfterMs
  return {
    code: hasExpired ? 'expired' : 'renewal_missed',
    severity: 'critical',
    key: facts.key,
    subject: copy.labels,
    reason: facts.requested?.reason ?? '',
    sinceMs: hasExpired ? notAfterMs : sinceMs,
    impactMs: notAfterMs,
    evidence: {
      renewalDueMs: copy.renewalDueMs,
      notAfterMs,
      ...(copy.knownMs < nowMs && { lastSeenMs: copy.knownMs }),
      ...requestEvidence(facts),
    },
    remedy: isExplained ? requestRemedy(facts.requested, 'issuer') : missedRemedy(facts),
    explainedBy: isExplained ? 'issuer_down' : '',
    muted: facts.muted,
  }
}

/** A pod that keeps a dead mount needs a new one. Without a request, nobody has asked for a new SVID. */
function missedRemedy(facts: SvidFacts): Remedy {
  return facts.staleSinceMs === undefined ? requestRemedy(facts.requested, 'driver') : 'new_pod'
}

/** Returns who has to act on a request that was not issued. */
export function requestRemedy(request: SvidFacts['requested'], withoutRequest: Remedy): Remedy {
  if (request === undefined) return withoutRequest
  return request.state === 'denied' || request.reason === 'awaiting_approval' ? 'approver' : 'issuer'
}

function requestEvidence({ requested }: SvidFacts): Evidence {
  if (requested === undefined) return {}
  const { name, createdMs, state, message, lostMs } = requested
  return {
    requestCreatedMs: createdMs,
    request: name,
    requestState: state,
    ...(message !== '' && { message }),
    ...(lostMs !== undefined && { requestDeletedMs: lostMs }),
  }
}

function notIssued(facts: SvidFacts): Judgement {
  return {
    ...warning(facts, placeOf(facts.labels)),
    code: 'not_issued',
    reason: facts.requested === undefined ? 'no_request' : facts.requested.reason || 'certificate_unreadable',
    sinceMs: facts.waitingSinceMs,
    evidence: requestEvidence(facts),
    remedy: requestRemedy(facts.requested, 'driver'),
  }
}

function unreadable(facts: SvidFacts, reason: string, isNotIssued: boolean): Judgement {
  const { mounted } = facts
  return {
    ...warning(facts, mounted?.labels ?? { ...facts.labels, copy: 'mounted' }),
    code: 'unreadable',
    reason,
    sinceMs: mounted?.knownMs,
    evidence: mounted ? { notAfterMs: mounted.svid.notAfterMs, lastSeenMs: mounted.knownMs } : {},
    remedy: 'driver',
    explainedBy: isNotIssued ? 'not_issued' : '',
  }
}

function mountStale(facts: SvidFacts, sinceMs: number): Judgement {
  const { issued, mounted } = facts
  return {
    ...warning(facts, mounted?.labels ?? facts.labels),
    code: 'mount_stale',
    sinceMs,
    ...(mounted && { impactMs: mounted.svid.notAfterMs }),
    evidence: {
      ...(mounted && { mountedNotAfterMs: mounted.svid.notAfterMs }),
      ...(issued && { issuedNotAfterMs: issued.svid.notAfterMs }),
    },
    remedy: 'new_pod',
  }
}

function renewedTooOften(facts: SvidFacts): Judgement {
  const { issued } = facts
  return {
    ...warning(facts, facts.labels),
    code: 'renewed_too_often',
    sinceMs: undefined,
    evidence: issued ? { renewalDueMs: issued.renewalDueMs, notAfterMs: issued.svid.notAfterMs } : {},
    remedy: 'nothing',
  }
}

function warning({ key, muted }: SvidFacts, subject: Subject) {
  return { severity: 'warning', key, subject, reason: '', explainedBy: '', muted } as const
}

/** Returns the labels of an SVID that has no copy. */
const placeOf = ({ namespace, pod, volume, node, issuer, file }: SvidLabels): Subject =>
  ({ namespace, pod, volume, node, issuer, file }) as const
