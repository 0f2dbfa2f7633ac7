import type { IssuerFacts } from '../candidate.ts'
import type { Policy } from '../policy.ts'
import type { Brake } from './brake.ts'

/** When nothing restarts, because the cause is larger than a pod. */
export const circuitBrakes: readonly Brake[] = [
  {
    reason: 'issuer_failing',
    holds: ({ pod }, { situation, policy, nowMs }) =>
      pod.issuers.length === 0 || pod.issuers.some((name) => isFailing(situation.issuers.get(name), policy, nowMs)),
  },
  { reason: 'trust_broken', holds: ({ trustDomain }, { situation }) => situation.untrusted.has(trustDomain) },
  {
    reason: 'too_many_stale',
    holds: (_, { situation, policy: { circuit }, stalePods }) =>
      stalePods.size > circuit.minStale && stalePods.size > circuit.staleShare * situation.workloads,
  },
  {
    reason: 'issuer_unproven',
    holds: ({ pod, dueMs = Infinity }, { situation, policy }, cause) =>
      cause === 'not_renewed' &&
      pod.issuers.some((name) => !hasIssuedSince(situation.issuers.get(name), dueMs, policy)),
  },
  {
    reason: 'not_alone',
    holds: ({ pod }, { unrenewed, policy }, cause) =>
      cause === 'not_renewed' &&
      ((unrenewed.onNode.get(pod.node) ?? 0) > 1 ||
        pod.issuers.some((name) => (unrenewed.ofIssuer.get(name) ?? 0) > policy.lonePerIssuer)),
  },
]

/** An issuer that nobody knows is as good as failing. */
function isFailing(issuer: IssuerFacts | undefined, { issuer: { waitsMs } }: Policy, nowMs: number): boolean {
  if (issuer === undefined) return true
  const { isDiagnosed, isReady, oldestWaitingMs = Infinity, lastIssuedMs = -Infinity, lastFailedMs } = issuer
  const letsWait = nowMs - oldestWaitingMs > waitsMs && lastIssuedMs < oldestWaitingMs
  const hasFailed = lastFailedMs !== undefined && lastFailedMs > lastIssuedMs
  return isDiagnosed || isReady === false || letsWait || hasFailed
}

const hasIssuedSince = (issuer: IssuerFacts | undefined, sinceMs: number, { clockSkewMs }: Policy): boolean =>
  (issuer?.lastIssuedMs ?? -Infinity) > sinceMs + clockSkewMs
