import type { Period } from './lifetime.ts'

/**
 * When whoever writes an SVID should have replaced it, at the latest: when this share of its lifetime (0 to 1) is left, or
 * this many milliseconds before its expiry.
 */
export type RenewalRule = { readonly leftShare: number } | { readonly beforeMs: number }

/** The rules of known writers: the latest moment at which a healthy one renews. */
export const renewalRules = {
  /**
   * csi-driver-spiffe hands csi-lib `notAfter - (notAfter - notBefore) / 3` (`calculateNextIssuanceTime`), at which csi-lib
   * renews, without jitter.
   */
  csiDriverSpiffe: { leftShare: 1 / 3 },
  /**
   * A SPIRE agent renews at half of the lifetime, give or take a tenth of that half: when 55 to 45 % of the lifetime are left
   * (SPIRE, pkg/common/rotationutil). An `availability_target` only makes it earlier. spiffe-helper writes what the agent sends
   * it, at once.
   */
  spire: { leftShare: 0.45 },
  /** For all others: cert-manager's default, in its csi-driver too. */
  other: { leftShare: 1 / 3 },
} as const satisfies Readonly<Record<string, RenewalRule>>

/**
 * Returns when the renewal of an SVID is due, ms since the Unix epoch. The rule counts from notBefore, as writers do. Issuers
 * may date notBefore back by up to an hour, so that an SVID may be due by its rule before its workload had it: where
 * `obtainedMs` tells when that was, the renewal is not due before. The result is within the validity.
 */
export function renewalDueMs({ notBeforeMs, notAfterMs }: Period, rule: RenewalRule, obtainedMs = notBeforeMs): number {
  const leftMs = 'beforeMs' in rule ? rule.beforeMs : Math.floor((notAfterMs - notBeforeMs) * rule.leftShare)
  return Math.min(Math.max(notAfterMs - leftMs, obtainedMs, notBeforeMs), notAfterMs)
}
