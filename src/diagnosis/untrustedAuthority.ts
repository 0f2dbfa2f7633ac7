import type { AuthorityView, Holders, RefusedAuthority, TrustDomainView } from '../ledger/trust/view.ts'
import type { Evidence, Judgement } from './diagnosis.ts'
import { thresholds } from './thresholds.ts'

/** Why volumes lack an authority whose SVIDs are in use. Codes are contracts: they are label values. */
export const untrustedReasons = {
  signs_too_early: 'an authority signs that is not in bundles in use, and these bundles are older than it',
  removed_too_early: 'bundles have lost an authority whose SVIDs are still in use',
} as const

export type UntrustedReason = keyof typeof untrustedReasons

type Untrusted = AuthorityView & { readonly refused: RefusedAuthority; readonly reason: UntrustedReason }

/** What is wrong with the authorities of a trust domain, and the key ids of those that sign, or have signed, too early. */
export interface UntrustedDomain {
  readonly judgement: Judgement
  readonly early: ReadonlySet<string>
}

/** The number of holders of each kind that are named. */
const namedFirst = 3

/**
 * Judges the authorities of a trust domain. What is refused by one workload alone is the problem of that workload. `before` is which of the
 * authorities signed too early before.
 */
export function untrustedDomain(
  { trustDomain, authorities }: TrustDomainView,
  before: ReadonlySet<string> | undefined,
): UntrustedDomain | undefined {
  const signerSinceMs = Math.min(
    ...authorities.filter(({ signs }) => signs).map(({ oldestSvidMs = Infinity }) => oldestSvidMs),
  )
  const isTakenBack = ({ keyId, oldestSvidMs = -Infinity }: AuthorityView) =>
    before?.has(keyId) === true || signerSinceMs < oldestSvidMs
  const untrusted = authorities.flatMap((one) => untrustedOf(one, isTakenBack(one)) ?? [])
  const early = untrusted.filter(({ reason }) => reason === 'signs_too_early')
  const [worst] = (early.length > 0 ? early : untrusted).toSorted(compareWorst)
  if (worst === undefined) return undefined
  return { judgement: judgementOf(trustDomain, untrusted, worst), early: new Set(early.map(({ keyId }) => keyId)) }
}

function judgementOf(trustDomain: string, untrusted: readonly Untrusted[], worst: Untrusted): Judgement {
  const { reason } = worst
  const sinceMs = earliest(untrusted)
  return {
    code: 'authority_untrusted',
    severity: 'critical',
    key: trustDomain,
    subject: { trust_domain: trustDomain },
    reason,
    sinceMs,
    ...(sinceMs !== undefined && { impactMs: sinceMs }),
    evidence: {
      authority: worst.keyId,
      ...(untrusted.length > 1 && { untrustedAuthorities: untrusted.length }),
      refusedPairs: untrusted.reduce((sum, { refused }) => sum + refused.pairs, 0),
      svids: worst.svids,
      ...lackingOf(worst.holders.volume, 'volumes', 'volumesWithout', 'firstVolumes'),
      ...lackingOf(worst.holders.node, 'nodes', 'nodesWithout', 'firstNodes'),
      ...lackingOf(worst.holders.namespace, 'namespaces', 'namespacesWithout', 'firstNamespaces'),
      ...untilOf(reason, untrusted),
    },
    remedy: 'bundle',
    explainedBy: '',
    muted: false,
  }
}

function untrustedOf(authority: AuthorityView, isTakenBack: boolean): Untrusted | undefined {
  const { refused } = authority
  if (refused === undefined || !refused.areSeveralPods || refused.volumes < thresholds.trust.minRefusing)
    return undefined
  return { ...authority, refused, reason: reasonOf(authority, refused, isTakenBack) }
}

/**
 * Tells from facts that a restart does not lose whether the bundles come too late or have lost the authority: they have lost it if each of
 * them has a newer one. If no bundle has its certificate any more, its first SVID shows how old it is at least. If that does not tell, it
 * was removed, unless it still signs, or was taken back: it has signed too early before, or the authority that signs has SVIDs in use that
 * are older than all of its own.
 */
function reasonOf(
  { notBeforeMs, oldestSvidMs = Infinity, signs }: AuthorityView,
  { newestBesideMs }: RefusedAuthority,
  isTakenBack: boolean,
): UntrustedReason {
  const isEarly =
    notBeforeMs === undefined ? oldestSvidMs >= newestBesideMs && (signs || isTakenBack) : notBeforeMs >= newestBesideMs
  return isEarly ? 'signs_too_early' : 'removed_too_early'
}

/** The newest comes first. */
const compareWorst = (one: Untrusted, other: Untrusted): number =>
  (other.newestSvidMs ?? 0) - (one.newestSvidMs ?? 0) || (one.keyId < other.keyId ? -1 : 1)

/** Returns since when connections fail: since an SVID is refused beside its own bundle, or since the first SVID that others refuse. */
function earliest(untrusted: readonly Untrusted[]): number | undefined {
  const known = untrusted.flatMap(
    ({ refused, reason, oldestSvidMs }) =>
      refused.ownSinceMs ?? (reason === 'signs_too_early' ? oldestSvidMs : undefined) ?? [],
  )
  return known.length === 0 ? undefined : Math.min(...known)
}

/** Returns when the last SVID of a removed authority ends: then it is refused by nobody any more. */
function untilOf(reason: UntrustedReason, untrusted: readonly Untrusted[]): Evidence {
  const untilMs = Math.max(...untrusted.map(({ lastSvidEndsMs = -Infinity }) => lastSvidEndsMs))
  return reason === 'removed_too_early' && Number.isFinite(untilMs) ? { untilMs } : {}
}

/** Returns how many holders of a kind there are, how many lack the authority, and the first of these; nothing if there are none. */
function lackingOf({ total, trusting, lacking }: Holders, all: string, without: string, first: string): Evidence {
  if (total === 0) return {}
  const names = lacking.slice(0, namedFirst).join(', ')
  return { [all]: total, [without]: total - trusting, ...(names !== '' && { [first]: names }) }
}
