import type { SvidFacts } from '../ledger/workloads/compared/facts.ts'
import type { CopyFacts } from '../ledger/workloads/compared/copyFacts.ts'
import type { SvidLabels } from '../ledger/workloads/view.ts'
import type { Remedy } from './codes.ts'
import { judgeCopies, servedApart } from './copies.ts'
import type { Evidence, Judged, Judgement, Subject } from './diagnosis.ts'
import { alertAfterMs, thresholds } from './thresholds.ts'

/** A renewal that was missed. Times are ms since the Unix epoch. */
export interface Missed {
  /** The copy that shows it. */
  readonly copy: CopyFacts
  /** Since when the renewal counts as missed. */
  readonly sinceMs: number
  /** No newer SVID was issued, as far as is known, although requests were seen. */
  readonly isUnissued: boolean
}

/**
 * Judges one SVID. Calls `judged` with each problem but a missed renewal, which it returns. `isUntrusted` says that peers refuse it because
 * its trust domain has an authority that is not trusted.
 */
export function judgeSvid(facts: SvidFacts, judged: Judged, isUntrusted: boolean): Missed | undefined {
  const { isWaiting, waitingSinceMs = -Infinity, problem, isRenewedTooOften } = facts
  const isNotIssued = isWaiting && (facts.requestsKnownMs ?? -Infinity) - waitingSinceMs >= thresholds.waitingMs
  if (isNotIssued) judged(notIssued(facts))
  if (problem !== undefined && !isLost(facts)) judged(unreadable(facts, problem, isNotIssued))
  judgeCopies(facts, judged, isUntrusted)
  if (isRenewedTooOften) judged(renewedTooOften(facts))
  return missedRenewal(facts)
}

/** Reports whether the file cannot be read because its volume is lost, which is a problem of its own. */
const isLost = ({ drifts }: SvidFacts): boolean =>
  drifts.some(({ cause }) => cause === 'mount_gone' || cause === 'empty_volume')

/**
 * Reports whether the served copy counts: the server does not reload, its container cannot have what is mounted on the host, or nothing else
 * is known of what it uses.
 */
const isServedInUse = (facts: SvidFacts): boolean =>
  (facts.mounted ?? facts.issued) === undefined ||
  facts.drifts.some(({ cause }) => cause === 'not_reloaded') ||
  servedApart(facts) !== undefined

/**
 * Returns the missed renewal of an SVID. What a server presents that does not reload shows it, then what containers hold, which is the
 * mounted copy. The issued copy shows it if the mounted one has not been seen since. Each copy is judged as of when it was last seen, so
 * that losing sight neither begins nor ends a problem.
 */
function missedRenewal(facts: SvidFacts): Missed | undefined {
  const { issued, served, unseenForMs } = facts
  const mounted = facts.held ?? facts.mounted
  if (served && isMissed(served) && isServedInUse(facts)) return missedBy(served, facts)
  // Until the node itself is told of, the file may be the dead one that a late renewal often leaves behind.
  const isTakenAsRenewed = unseenForMs >= alertAfterMs.node_blind
  if (mounted && isMissed(mounted) && !isTakenAsRenewed) return missedBy(mounted, facts)
  if (issued && isMissed(issued) && !(mounted && mounted.knownMs > missedMs(issued))) return missedBy(issued, facts)
  return undefined
}

/** Reports whether the renewal of a copy was missed by when the copy was last seen. */
const isMissed = (copy: CopyFacts): boolean => missedMs(copy) < copy.knownMs

/**
 * Requests are seen less often than files. While they can be seen, it is enough that they were seen since the renewal was due: the file
 * would show an SVID that was issued meanwhile.
 */
function missedBy(copy: CopyFacts, facts: SvidFacts): Missed {
  const { requestsKnownMs = -Infinity, seesRequests, staleSinceMs, held, served } = facts
  const sinceMs = missedMs(copy)
  const isUnissued = (seesRequests ? copy.renewalDueMs : sinceMs) < requestsKnownMs
  return { copy, sinceMs, isUnissued: staleSinceMs === undefined && copy !== held && copy !== served && isUnissued }
}

/** Returns when the renewal of a copy counts as missed, ms since the Unix epoch. */
function missedMs({ renewalDueMs, svid }: CopyFacts): number {
  return Math.round(renewalDueMs + thresholds.missedShare * (svid.notAfterMs - renewalDueMs))
}

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
      ...(nowMs - copy.knownMs > thresholds.unseenMs && { lastSeenMs: copy.knownMs }),
      ...requestEvidence(facts),
    },
    remedy: isExplained ? requestRemedy(facts, 'issuer') : missedRemedy(facts, copy),
    explainedBy: isExplained ? 'issuer_down' : '',
    muted: facts.muted,
  }
}

/**
 * A pod that keeps a dead mount needs a new one, a server that keeps a dead SVID has to read the new one, if its container has it. Without a request, nobody has
 * asked for a new SVID.
 */
function missedRemedy(facts: SvidFacts, copy: CopyFacts): Remedy {
  if (copy === facts.served && facts.mounted) return servedApart(facts) ? 'new_pod' : 'reload'
  return facts.staleSinceMs === undefined && copy !== facts.held ? requestRemedy(facts, 'driver') : 'new_pod'
}

/** Returns who has to act on the request of an SVID that was not issued. */
export function requestRemedy(
  { requested, issued, mounted }: Pick<SvidFacts, 'requested' | 'issued' | 'mounted'>,
  withoutRequest: Remedy,
): Remedy {
  if (requested === undefined) return withoutRequest
  const { state, reason, trustDomains } = requested
  const hadTrustDomain = (issued ?? mounted)?.svid.trustDomain
  // Before, the workload had an SVID of the trust domain that the approver still expects: it is the driver that has changed.
  if (trustDomains !== undefined && trustDomains.expected === hadTrustDomain) return 'driver'
  return state === 'denied' || reason === 'awaiting_approval' ? 'approver' : 'issuer'
}

/** Returns the trust domains that a denial names. */
export const trustDomainEvidence = (request: SvidFacts['requested']): Evidence =>
  request?.trustDomains === undefined
    ? {}
    : {
        expectedTrustDomain: request.trustDomains.expected,
        requestedTrustDomain: request.trustDomains.requested,
      }

function requestEvidence({ requested }: SvidFacts): Evidence {
  if (requested === undefined) return {}
  const { name, createdMs, askedMs, state, message, lostMs } = requested
  return {
    ...(askedMs < createdMs && { askedMs }),
    requestCreatedMs: createdMs,
    request: name,
    requestState: state,
    ...(message !== '' && { message }),
    ...trustDomainEvidence(requested),
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
    remedy: requestRemedy(facts, 'driver'),
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
