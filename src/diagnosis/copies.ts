import type { SvidFacts } from '../ledger/workloads/compared/facts.ts'
import type { CopyFacts } from '../ledger/workloads/compared/copyFacts.ts'
import type { Drift } from '../ledger/workloads/view.ts'
import type { RefusedFacts } from '../ledger/workloads/refused/refusedFacts.ts'
import type { RefusedReason } from '../ledger/workloads/reasons.ts'
import type { DriftCause } from '../ledger/workloads/view.ts'
import type { DiagnosisCode, Remedy } from './codes.ts'
import type { Evidence, Judged, Judgement } from './diagnosis.ts'

/**
 * Judges the causes for which the copies of an SVID differ, and whether peers refuse it. `isUntrusted` says that its trust domain has an
 * authority that is not trusted, which explains the refusal.
 */
export function judgeCopies(facts: SvidFacts, judged: Judged, isUntrusted: boolean): void {
  for (const drift of facts.drifts) judged(driftJudgements[drift.cause](facts, drift))
  if (facts.refused) judged(peerRefuses(facts, facts.refused, isUntrusted))
}

/** The causes for which containers cannot have what is mounted on the host. */
const apart: ReadonlySet<DriftCause> = new Set(['mount_detached', 'sub_path'])

/**
 * Returns what a server presents that is older than what is mounted on the host, where nobody has seen what its container has. What
 * containers hold is known in most cases, and counts then.
 */
export function servedApart({ drifts, served, mounted, held }: SvidFacts): CopyFacts | undefined {
  if (served === undefined || mounted === undefined || held !== undefined) return undefined
  if (!drifts.some(({ cause }) => apart.has(cause))) return undefined
  return served.svid.notBeforeMs < mounted.svid.notBeforeMs ? served : undefined
}

const driftJudgements: Readonly<Record<DriftCause, (facts: SvidFacts, drift: Drift) => Judgement>> = {
  mount_stale: (facts, { cause, sinceMs }) => ({
    ...aboutMount(facts, cause, sinceMs, facts.mounted),
    evidence: { ...mountedEnd(facts), ...issuedEnd(facts) },
    remedy: 'new_pod',
    explainedBy: deeperCause(facts, 'mount_gone'),
  }),
  mount_detached: (facts, { cause, sinceMs, mountBirthMs = 0, containerStartMs = 0 }) => ({
    ...aboutMount(facts, cause, sinceMs, facts.held ?? servedApart(facts)),
    evidence: {
      mountBirthMs,
      containerStartMs,
      ...(facts.held && { heldNotAfterMs: facts.held.svid.notAfterMs }),
      ...mountedEnd(facts),
    },
    remedy: 'new_pod',
  }),
  mount_gone: (facts, { cause, sinceMs }) => ({
    ...aboutMount(facts, cause, sinceMs, facts.held ?? facts.mounted),
    evidence: mountedEnd(facts),
    remedy: 'new_pod',
    explainedBy: deeperCause(facts, 'mount_detached'),
  }),
  empty_volume: (facts, { cause, sinceMs }) => ({
    ...aboutMount(facts, cause, sinceMs),
    evidence: mountedEnd(facts),
    remedy: 'new_pod',
    explainedBy: deeperCause(facts, 'mount_detached'),
  }),
  sub_path: (facts, { cause, sinceMs, containerStartMs = 0, isToCome }) => ({
    ...aboutMount(facts, cause, sinceMs, isToCome ? facts.mounted : servedApart(facts)),
    evidence: { containerStartMs, ...mountedEnd(facts) },
    remedy: 'manifest',
  }),
  not_reloaded: (facts, { cause, sinceMs, port }) => ({
    ...aboutMount(facts, cause, sinceMs, facts.served),
    ...(facts.served && { subject: facts.served.labels }),
    evidence: {
      ...(port !== undefined && { port }),
      ...(facts.served && { servedNotAfterMs: facts.served.svid.notAfterMs }),
      ...mountedEnd(facts),
    },
    remedy: 'reload',
  }),
  wrong_identity: (facts, { cause, sinceMs, otherId = '' }) => ({
    ...aboutMount(facts, cause, sinceMs),
    evidence: { spiffeId: (facts.mounted ?? facts.issued)?.svid.spiffeId ?? '', otherId },
    remedy: 'driver',
  }),
}

/** Returns a judgement about what is mounted. `used` is the copy with whose expiry connections fail. */
function aboutMount(
  { key, muted, mounted, labels }: SvidFacts,
  code: DriftCause,
  sinceMs: number | undefined,
  used?: CopyFacts,
) {
  return {
    code,
    severity: 'warning',
    key,
    subject: mounted?.labels ?? labels,
    reason: '',
    sinceMs,
    ...(used && { impactMs: used.svid.notAfterMs }),
    explainedBy: '',
    muted,
  } as const
}

const deeperCause = <Code extends DiagnosisCode & DriftCause>({ drifts }: SvidFacts, code: Code): Code | '' =>
  drifts.some(({ cause }) => cause === code) ? code : ''

const mountedEnd = ({ mounted }: SvidFacts): Evidence => (mounted ? { mountedNotAfterMs: mounted.svid.notAfterMs } : {})

const issuedEnd = ({ issued }: SvidFacts): Evidence => (issued ? { issuedNotAfterMs: issued.svid.notAfterMs } : {})

/** Returns who has to act on what peers refuse. An issuer signs with what the bundle does not have, or signs what breaks a rule. */
const refusedRemedy = (reason: RefusedReason): Remedy => (reason === 'unknown_authority' ? 'bundle' : 'issuer')

function peerRefuses(
  { key, muted }: SvidFacts,
  { copy, reason, sinceMs, detail, authority }: RefusedFacts,
  isUntrusted: boolean,
): Judgement {
  return {
    code: 'peer_refuses',
    severity: 'critical',
    key,
    subject: copy.labels,
    reason,
    sinceMs,
    ...(sinceMs !== undefined && { impactMs: sinceMs }),
    evidence: {
      notAfterMs: copy.svid.notAfterMs,
      ...(authority !== undefined && { authority }),
      ...(detail !== '' && { message: detail }),
    },
    remedy: refusedRemedy(reason),
    explainedBy: isUntrusted ? 'authority_untrusted' : '',
    muted,
  }
}
