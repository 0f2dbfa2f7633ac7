import type { Brake } from './brake.ts'

/** What is no proof that a new pod would heal. */
export const evidenceBrakes: readonly Brake[] = [
  { reason: 'found_elsewhere', holds: ({ foundOn, pod }) => foundOn !== undefined && foundOn !== pod.node },
  { reason: 'contradicted', holds: ({ isContradicted }) => isContradicted },
  { reason: 'evidence_old', holds: ({ seenMs }, { policy, nowMs }) => nowMs - seenMs > policy.evidenceMs },
  {
    reason: 'not_settled',
    holds: ({ sinceMs }, { policy, nowMs }) => nowMs - sinceMs < policy.settleMs + policy.clockSkewMs,
  },
  { reason: 'renewed_too_often', holds: ({ isRenewedTooOften }) => isRenewedTooOften },
  {
    // A workload that was never renewed is exempt: its newest SVID is older than its container.
    reason: 'started_since_issuance',
    holds: ({ startedMs = Infinity, newestIssuedMs = -Infinity }, { policy }, cause) =>
      cause !== 'not_renewed' && startedMs > newestIssuedMs - policy.clockSkewMs,
  },
  {
    reason: 'request_refused',
    holds: ({ request }, _, cause) => cause === 'not_renewed' && (request === 'denied' || request === 'failed'),
  },
  {
    reason: 'issued_since',
    holds: ({ newestIssuedMs = -Infinity, dueMs = -Infinity }, _, cause) =>
      cause === 'not_renewed' && newestIssuedMs >= dueMs,
  },
]
